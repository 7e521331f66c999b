{{ config(tags='macro_unit_test') }}
with

cases (one, other, are_equal) as (

    values
    ('A1', 'A1', true),
    ('A1', 'A2', false),
    ('A1', 'a1', false),
    ('A1', 'A1 ', false),
    ('', ' ', false),
    ('u-100001', 'u-100010', false),
    ('ä', 'a', false),
    ('A1', null, null),
    (null, null, null)

),

computed as (

    select
        *,
        {{ text_hash('one') }} = {{ text_hash('other') }} as are_hashes_equal
    from cases

),

differing as (

    select * from computed
    where are_hashes_equal is distinct from are_equal

)

select * from differing
