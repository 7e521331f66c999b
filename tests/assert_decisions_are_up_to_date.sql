{{ config(severity='warn') }}

with

waivers as (

    select
        waiver_id,
        brid,
        application_spelling,
        valid_to,
        is_in_force
    from {{ ref('stg_decisions__waivers') }}

),

aliases as (

    select
        application_spelling,
        application_id
    from {{ ref('int_application_aliases') }}

),

persona_overrides as (

    select
        override_id,
        brid,
        valid_to
    from {{ ref('stg_decisions__persona_overrides') }}
    where valid_to < {{ as_of_date() }}

),

non_human_accounts as (

    select
        brid,
        valid_to
    from {{ ref('stg_decisions__non_human_accounts') }}
    where valid_to < {{ as_of_date() }}

),

overrides_in_force as (

    select brid from {{ ref('stg_decisions__persona_overrides') }}
    where is_in_force

),

employees as (

    select brid from {{ ref('dim_employees') }}
    where is_employed

),

findings as (

    select
        brid,
        application_id,
        disposition,
        orphan_detail
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }}
        and disposition is not null

),

waivers_resolved as (

    select
        waivers.waiver_id,
        waivers.brid,
        coalesce(aliases.application_id, waivers.application_spelling) as application_id,
        waivers.valid_to,
        waivers.is_in_force
    from waivers
    left join aliases on waivers.application_spelling = aliases.application_spelling

),

orphaned_accounts as (

    select brid from findings
    where orphan_detail is not null
    group by 1

),

stale_decisions as (

    select
        'waivers' as seed_name,
        waivers_resolved.waiver_id as decision_id,
        'It has expired, and its finding is open again. Renew it or take the access away.'
            as reason
    from waivers_resolved
    inner join findings
        on
            waivers_resolved.brid = findings.brid
            and waivers_resolved.application_id = findings.application_id
    where waivers_resolved.valid_to < {{ as_of_date() }} and findings.disposition <> 'waived'

    union all

    select
        'waivers' as seed_name,
        waivers_resolved.waiver_id as decision_id,
        'Its finding is gone. End it, or it hides the next one.' as reason
    from waivers_resolved
    left join findings
        on
            waivers_resolved.brid = findings.brid
            and waivers_resolved.application_id = findings.application_id
    where waivers_resolved.is_in_force and findings.brid is null

    union all

    select
        'persona_overrides' as seed_name,
        persona_overrides.override_id as decision_id,
        'It has expired, and the person still works here. See that the new persona is right.'
            as reason
    from persona_overrides
    inner join employees on persona_overrides.brid = employees.brid
    left join overrides_in_force on persona_overrides.brid = overrides_in_force.brid
    where overrides_in_force.brid is null

    union all

    select
        'non_human_accounts' as seed_name,
        non_human_accounts.brid as decision_id,
        'It has expired, and the account still has access. Renew it or close the account.'
            as reason
    from non_human_accounts
    inner join orphaned_accounts on non_human_accounts.brid = orphaned_accounts.brid

)

select * from stale_decisions
