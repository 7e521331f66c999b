{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected_digits, expected_either) as (

    values
    ('123', true, false),
    ('a', false, true),
    ('b', false, true),
    -- A match of a part does not count, and `|` splits the whole pattern.
    ('123x', false, false),
    ('x123', false, false),
    ('ab', false, false),
    ('A', false, false),
    ('123' || chr(10), false, false),
    ('a' || chr(10), false, false),
    ('', false, false),
    (null, null, null)

),

computed as (

    select
        *,
        {{ matches_fully('delivered', '[0-9]+') }} as actual_digits,
        {{ matches_fully('delivered', 'a|b') }} as actual_either
    from cases

),

differing as (

    select * from computed
    where
        actual_digits is distinct from expected_digits
        or actual_either is distinct from expected_either

)

select * from differing
