{{ config(tags='macro_unit_test') }}
{% set prefix = var('non_human_brid_prefixes') | first %}
with

cases (brid, expected) as (

    values
    ('{{ prefix }}-BACKUP', true),
    ('{{ prefix }}', true),
    ('{{ prefix | lower }}-backup', false),
    ('X{{ prefix }}', false),
    ('123', false)

),

computed as (

    select
        *,
        {{ is_non_human_brid('brid') }} as actual
    from cases

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
