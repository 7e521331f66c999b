{{ config(tags='macro_unit_test') }}
with

cases (written, expected_lower, expected_upper) as (

    values
    ('Fin-1010', 'fin-1010', 'FIN-1010'),
    ('Café', 'café', 'CAFÉ'),
    -- A letter stays one letter, at any position in the word.
    ('İzmir', 'izmir', 'İZMIR'),
    ('ΟΔΟΣ', 'οδοσ', 'ΟΔΟΣ'),
    ('Straße', 'straße', 'STRAẞE'),
    ('ı', 'ı', 'I'),
    ('', '', ''),
    (null, null, null)

),

computed as (

    select
        *,
        {{ lower_case('written') }} as actual_lower,
        {{ upper_case('written') }} as actual_upper
    from cases

),

differing as (

    select * from computed
    where
        actual_lower is distinct from expected_lower
        or actual_upper is distinct from expected_upper

)

select * from differing
