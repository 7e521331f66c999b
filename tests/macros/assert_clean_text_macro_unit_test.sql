{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected) as (

    values
    ('abc', 'abc'),
    ('  a b  ', 'a b'),
    (chr(9) || 'abc' || chr(9), 'abc'),
    (chr(160) || 'abc' || chr(160), 'abc'),
    ('a' || chr(9) || 'b', 'a b'),
    ('a' || chr(160) || 'b', 'a b'),
    ('', null),
    ('   ', null),
    (chr(9) || chr(160) || ' ', null),
    (null, null)

),

computed as (

    select
        *,
        {{ clean_text('delivered') }} as actual,
        {{ clean_code('delivered') }} as actual_code
    from cases

),

differing as (

    select * from computed
    where
        actual is distinct from expected
        or actual_code is distinct from expected

)

select * from differing
