{{ config(tags='macro_unit_test') }}
with

cases (n_match, n_excess, expected) as (

    values
    (1, 0, 0),
    (0, 1, 1),
    (1, 1, 0.5),
    (1, 2, 0.666667),
    (2, 1, 0.333333),
    (5000000, 0, 0),
    (0, 0, null)

),

computed as (

    select
        *,
        {{ excess_rate() }} as actual
    from cases

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
