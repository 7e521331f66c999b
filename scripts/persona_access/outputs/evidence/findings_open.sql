-- The findings that were not closed.
select
    brid,
    application_id,
    finding_type,
    finding_state,
    opened_date,
    age_days,
    last_seen_date,
    reconciliation_reason,
    disposition,
    waiver_id,
    due_date,
    is_overdue,
    n_times_reopened,
    n_times_waiver_ended,
    is_privileged,
    persona_ids,
    reviewer_brid,
    reviewer_role
from marts.fct_finding_weeks
where as_of_date = {{ parameter.week }} and finding_state <> 'closed'
order by brid, application_id, finding_type
