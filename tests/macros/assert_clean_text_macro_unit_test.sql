{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected, is_landed) as (

    values
    ('abc', 'abc', true),
    ('  a b  ', 'a b', true),
    (chr(9) || 'abc' || chr(9), 'abc', true),
    (chr(160) || 'abc' || chr(160), 'abc', true),
    ('a' || chr(9) || 'b', 'a b', true),
    ('a' || chr(160) || 'b', 'a b', true),
    ('', null, true),
    ('   ', null, true),
    (chr(9) || chr(160) || ' ', null, true),
    (null, null, true),
    -- The loader cleans these when it lands a file. Spark's chr supports no code above 255.
    ('a{{ "\u202f" }}b', 'a b', false),
    ('{{ "\u3000" }}abc{{ "\u200b" }}', 'abc', false),
    ('{{ "\ufeff" }}a{{ "\xad" }}b{{ "\u200e" }}', 'ab', false),
    (chr(10) || 'abc' || chr(13) || chr(10), 'abc', false)

),

computed as (

    select
        *,
        {{ clean_text('delivered') }} as actual,
        {{ without_signs('delivered') }} as actual_signs,
        {{ default__without_signs('delivered') }} as actual_signs_elsewhere,
        {{ landed_text('delivered') }} as actual_landed,
        {{ landed_code('delivered') }} as actual_code
    from cases

),

differing as (

    select * from computed
    where
        actual is distinct from expected
        or actual_signs is distinct from actual_signs_elsewhere
        or (is_landed and actual_landed is distinct from expected)
        or (is_landed and actual_code is distinct from expected)

)

select * from differing
