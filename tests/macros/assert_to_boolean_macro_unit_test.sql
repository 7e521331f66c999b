{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected, expected_true_when_empty) as (

    values
    ('true', true, true),
    ('TRUE', true, true),
    ('t', true, true),
    ('Yes', true, true),
    ('y', true, true),
    (' 1 ', true, true),
    ('false', false, false),
    ('F', false, false),
    ('no', false, false),
    ('N', false, false),
    ('0', false, false),
    ('', false, true),
    (' ', false, true),
    (null, false, true)

),

computed as (

    select
        *,
        {{ to_boolean('delivered') }} as actual,
        {{ to_boolean('delivered', when_empty=true) }} as actual_true_when_empty
    from cases

),

differing as (

    select * from computed
    where
        actual is distinct from expected
        or actual_true_when_empty is distinct from expected_true_when_empty

)

select * from differing
