{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected) as (

    values
    ('2026-03-02', cast('2026-03-02' as date)),
    (' 2026-03-02 ', cast('2026-03-02' as date)),
    ('2026-03-02 23:59:59', cast('2026-03-02' as date)),
    ('2026-03-02T00:00:00+02:00', cast('2026-03-02' as date)),
    ('2024-02-29', cast('2024-02-29' as date)),
    ('9999-12-31', cast('9999-12-31' as date)),
    ('', null),
    (' ', null),
    (null, null)

),

computed as (

    select
        *,
        {{ to_date('delivered') }} as actual
    from cases

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
