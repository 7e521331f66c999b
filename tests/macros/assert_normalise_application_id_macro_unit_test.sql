{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected) as (

    values
    ('ledger', 'ledger'),
    (' Ledger ', 'ledger'),
    ('GL-Ledger 2', 'gl-ledger 2'),
    (chr(160) || 'LEDGER' || chr(9), 'ledger'),
    ('00123', '00123'),
    ('', null),
    (' ', null),
    (null, null)

),

computed as (

    select
        *,
        {{ normalise_application_id('delivered') }} as actual
    from cases

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
