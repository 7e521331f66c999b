{{ config(tags='macro_unit_test') }}
with

cases (number, expected) as (

    values
    (0, '0 people'),
    (1, '1 person'),
    (2, '2 people'),
    (999, '999 people'),
    (1000, '1,000 people'),
    (12345, '12,345 people'),
    (1234567, '1,234,567 people')

),

computed as (

    select
        *,
        {{ counted_noun('number', 'person', 'people') }} as actual
    from cases

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
