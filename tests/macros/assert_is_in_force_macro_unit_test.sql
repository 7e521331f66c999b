{{ config(tags='macro_unit_test') }}
with

-- Days from the as-of date; null is an open end.
cases (days_to_valid_from, days_to_valid_to, expected) as (

    values
    (null, null, true),
    (-1, 1, true),
    (0, 0, true),
    (0, null, true),
    (null, 0, true),
    (1, null, false),
    (null, -1, false),
    (-9, -1, false),
    (1, 9, false),
    -- Reversed dates never apply.
    (1, -1, false)

),

dated as (

    select
        *,
        cast({{ dbt.dateadd('day', 'days_to_valid_from', as_of_date()) }} as date) as valid_from,
        cast({{ dbt.dateadd('day', 'days_to_valid_to', as_of_date()) }} as date) as valid_to
    from cases

),

computed as (

    select
        *,
        {{ is_in_force('valid_from', 'valid_to') }} as actual
    from dated

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
