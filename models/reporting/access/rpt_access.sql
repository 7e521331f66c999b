with

access as (

    select * from {{ ref('fct_access_reconciliation') }}

),

waivers as (

    select
        exception_id,
        approved_by,
        valid_to
    from {{ ref('dim_exceptions') }}
    where exception_kind = 'waiver'

),

described as (

    select
        access.as_of_date,
        access.brid,
        access.application_id,
        access.reconciliation_status,
        access.reconciliation_reason,
        access.orphan_detail,
        access.disposition,
        access.requirement,
        access.persona_ids,
        access.status_since_date,
        access.granted_date,
        access.last_used_date,
        access.last_expected_date,
        access.days_since_end,
        access.waiver_id,
        waivers.approved_by as waived_by,
        waivers.valid_to as waived_until_date
    from access
    left join waivers on access.waiver_id = waivers.exception_id

)

select * from described
