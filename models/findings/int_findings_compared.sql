{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

finding_weeks as (

    select
        brid,
        application_id,
        finding_type,
        opened_date,
        last_seen_date,
        finding_state,
        n_times_reopened
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

employees as (

    select
        as_of_date,
        brid,
        case when is_employed then 'employed' else employment_state end as employment_phase,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        persona_set_id
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }} or as_of_date = {{ previous_date }}

),

retired_applications as (

    select application_id from {{ ref('int_retired_applications') }}

),

applications_moved as (

    select application_id from {{ ref('int_applications_moved') }}

),

applications_reported as (

    select application_id from {{ ref('int_applications_reported') }}

),

changes as (

    select
        brid,
        application_id,
        finding_type,
        opened_date,
        case
            when finding_state = 'closed' then 'closed'
            when n_times_reopened > 0 then 'reopened'
            else 'opened'
        end as finding_change,
        -- While the finding was undecided, the access was presumed to be held.
        coalesce(
            finding_state = 'closed'
            and finding_type = 'excess'
            and last_seen_date < {{ previous_date }},
            false
        ) as was_suspended_excess
    from finding_weeks
    where opened_date = {{ as_of_date() }} or finding_state = 'closed'

),

changed_pairs as (

    select
        brid,
        application_id
    from changes
    group by 1, 2

),

reconciliation as (

    -- The few pairs that changed, out of the millions of two weeks.
    select
        weeks.as_of_date,
        weeks.brid,
        weeks.application_id,
        weeks.reconciliation_reason,
        weeks.requirement,
        weeks.is_granted,
        weeks.is_application_known,
        weeks.is_application_modelled
    from {{ ref('fct_access_reconciliation') }} as weeks
    inner join changed_pairs
        on
            weeks.brid = changed_pairs.brid
            and weeks.application_id = changed_pairs.application_id
    where weeks.as_of_date = {{ as_of_date() }} or weeks.as_of_date = {{ previous_date }}

),

compared as (

    -- The evidence of both weeks side by side; a pair without a row is neither held nor due.
    select
        changes.brid,
        changes.application_id,
        changes.finding_type,
        changes.opened_date,
        changes.finding_change,
        (
            changes.finding_change = 'closed' and retired_applications.application_id is not null
        ) as is_retired,
        applications_moved.application_id is not null as is_moved,
        applications_reported.application_id is not null as is_reported,
        (
            coalesce(now_pairs.is_granted, false)
            <> (coalesce(previous_pairs.is_granted, false) or changes.was_suspended_excess)
        ) as is_grant_changed,
        (
            coalesce(now_pairs.reconciliation_reason = 'non_human_registered', false)
            <> coalesce(previous_pairs.reconciliation_reason = 'non_human_registered', false)
        ) as is_registration_changed,
        (
            now_employees.employment_phase is distinct from previous_employees.employment_phase
        ) as is_employment_changed,
        (
            now_employees.persona_set_id is distinct from previous_employees.persona_set_id
        ) as is_persona_changed,
        (
            {% for column in [
                'management_level', 'cost_center', 'department', 'job_title', 'worker_type'
            ] %}
                {{ 'or ' if not loop.first }}{{ lower_case('now_employees.' ~ column) }}
                is distinct from {{ lower_case('previous_employees.' ~ column) }}
            {% endfor %}
        ) as is_profile_changed,
        (
            now_pairs.requirement is distinct from previous_pairs.requirement
            or coalesce(now_pairs.is_application_modelled, true)
            <> coalesce(previous_pairs.is_application_modelled, true)
        ) as is_requirement_changed,
        (
            coalesce(now_pairs.is_application_known, true)
            <> coalesce(previous_pairs.is_application_known, true)
        ) as is_application_changed
    from changes
    left join reconciliation as now_pairs
        on
            changes.brid = now_pairs.brid
            and changes.application_id = now_pairs.application_id
            and now_pairs.as_of_date = {{ as_of_date() }}
    left join reconciliation as previous_pairs
        on
            changes.brid = previous_pairs.brid
            and changes.application_id = previous_pairs.application_id
            and previous_pairs.as_of_date = {{ previous_date }}
    left join employees as now_employees
        on
            changes.brid = now_employees.brid
            and now_employees.as_of_date = {{ as_of_date() }}
    left join employees as previous_employees
        on
            changes.brid = previous_employees.brid
            and previous_employees.as_of_date = {{ previous_date }}
    left join retired_applications
        on changes.application_id = retired_applications.application_id
    left join applications_moved on changes.application_id = applications_moved.application_id
    left join applications_reported on changes.application_id = applications_reported.application_id

)

select * from compared
