{% set settled_date = dbt.dateadd('day', -7 * var('cause_settled_weeks'), as_of_date()) %}
with

findings as (

    select
        brid,
        application_id,
        finding_type,
        finding_state,
        suspended_reason,
        opened_date,
        is_older_than_history,
        reconciliation_reason
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_state <> 'closed'

),

review_items as (

    select
        brid,
        application_id,
        finding_id,
        peer_persona_id,
        n_peers,
        n_peer_holders
    from {{ ref('fct_review_items') }}

),

openings as (

    select
        as_of_date,
        brid,
        application_id,
        finding_type,
        change_cause
    from {{ ref('fct_finding_changes') }}
    where finding_change <> 'closed'

),

orphans as (

    select
        brid,
        application_id,
        orphan_detail
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and reconciliation_reason = 'orphan_account'

),

employees as (

    select
        brid,
        cost_center
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

people_without_access as (

    select brid from {{ ref('fct_reconciliation_by_employee') }}
    where as_of_date = {{ as_of_date() }} and has_no_access

),

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        source_id
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null

),

persona_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

set_demands as (

    select
        set_personas.persona_set_id,
        requirements.application_id,
        count(*) as n_personas_asking
    from {{ ref('int_persona_set_personas') }} as set_personas
    inner join {{ ref('int_persona_requirements') }} as requirements
        on set_personas.persona_id = requirements.persona_id
    where requirements.requirement = 'mandatory'
    group by 1, 2

),

applications as (

    select
        application_id,
        is_in_iam
    from {{ ref('dim_applications') }}

),

silent_applications as (

    select application_id from {{ ref('fct_silent_applications') }}
    where as_of_date = {{ as_of_date() }}

),

described as (

    select
        cast(
            row_number() over (order by findings.brid, findings.application_id)
            as {{ dbt.type_int() }}
        ) as finding_number,
        review_items.finding_id,
        findings.brid,
        findings.application_id,
        findings.finding_type,
        findings.finding_state,
        findings.suspended_reason,
        findings.opened_date,
        findings.is_older_than_history,
        findings.is_older_than_history or findings.opened_date <= {{ settled_date }} as is_settled,
        findings.reconciliation_reason,
        orphans.orphan_detail,
        -- Accounts of one kind have similar names, in which only the digits differ.
        case
            when findings.reconciliation_reason = 'orphan_account'
                then translate(findings.brid, '0123456789', '##########')
        end as account_pattern,
        openings.change_cause as opening_cause,
        employees.cost_center,
        people_without_access.brid is not null as has_no_access,
        review_items.peer_persona_id as persona_id,
        assignments.assignment_method,
        assignments.source_id,
        persona_sets.persona_set_id,
        coalesce(set_demands.n_personas_asking, 0) as n_personas_asking,
        review_items.n_peers,
        review_items.n_peer_holders,
        -- Not in this registry, and silent for too long to be missing from a single delivery.
        (
            not coalesce(applications.is_in_iam, false)
            and (
                coalesce(findings.suspended_reason, '') <> 'application_silent'
                or silent_applications.application_id is not null
            )
        ) as is_gone_from_registry
    from findings
    inner join review_items
        on
            findings.brid = review_items.brid
            and findings.application_id = review_items.application_id
    left join openings
        on
            findings.brid = openings.brid
            and findings.application_id = openings.application_id
            and findings.finding_type = openings.finding_type
            and findings.opened_date = openings.as_of_date
    left join orphans
        on
            findings.brid = orphans.brid
            and findings.application_id = orphans.application_id
    left join employees on findings.brid = employees.brid
    left join people_without_access on findings.brid = people_without_access.brid
    left join assignments
        on
            findings.brid = assignments.brid
            and review_items.peer_persona_id = assignments.persona_id
    left join persona_sets on findings.brid = persona_sets.brid
    left join set_demands
        on
            persona_sets.persona_set_id = set_demands.persona_set_id
            and findings.application_id = set_demands.application_id
    left join applications on findings.application_id = applications.application_id
    left join silent_applications
        on findings.application_id = silent_applications.application_id

)

select * from described
