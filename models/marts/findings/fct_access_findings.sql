with

finding_weeks as (

    select * from {{ ref('fct_finding_weeks') }}
    where
        as_of_date = {{ as_of_date() }}
        or (as_of_date < {{ as_of_date() }} and finding_state = 'closed')

),

changes as (

    select
        as_of_date,
        brid,
        application_id,
        finding_type,
        finding_change,
        opened_date,
        change_cause
    from {{ ref('fct_finding_changes') }}

),

joined as (

    select
        concat_ws(
            ':', finding_weeks.brid, finding_weeks.application_id, finding_weeks.finding_type,
            cast(finding_weeks.opened_date as {{ dbt.type_string() }})
        ) as finding_id,
        finding_weeks.as_of_date,
        finding_weeks.brid,
        finding_weeks.application_id,
        finding_weeks.finding_type,
        finding_weeks.finding_state,
        finding_weeks.suspended_reason,
        finding_weeks.suspended_since_date,
        finding_weeks.n_suspended_days,
        finding_weeks.opened_date,
        finding_weeks.is_older_than_history,
        finding_weeks.last_seen_date,
        finding_weeks.closed_date,
        finding_weeks.age_days,
        finding_weeks.reconciliation_reason,
        finding_weeks.disposition,
        finding_weeks.waiver_id,
        finding_weeks.due_date,
        finding_weeks.is_overdue,
        finding_weeks.n_times_reopened,
        finding_weeks.n_times_waiver_ended,
        openings.change_cause as opening_cause,
        closings.change_cause as closing_cause,
        finding_weeks.is_privileged,
        finding_weeks.persona_ids,
        finding_weeks.assignment_methods,
        finding_weeks.assignment_confidence,
        finding_weeks.reviewer_brid,
        finding_weeks.reviewer_role
    from finding_weeks
    left join changes as openings
        on
            finding_weeks.brid = openings.brid
            and finding_weeks.application_id = openings.application_id
            and finding_weeks.finding_type = openings.finding_type
            and finding_weeks.opened_date = openings.as_of_date
            and openings.finding_change <> 'closed'
    left join changes as closings
        on
            finding_weeks.brid = closings.brid
            and finding_weeks.application_id = closings.application_id
            and finding_weeks.finding_type = closings.finding_type
            and finding_weeks.closed_date = closings.as_of_date
            and closings.finding_change = 'closed'

)

select * from joined
