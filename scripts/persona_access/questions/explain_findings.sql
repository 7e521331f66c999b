select
    application_id as application,
    finding_type as kind,
    reconciliation_reason as reason,
    disposition,
    due_date as due,
    is_overdue,
    reviewer_brid as reviewer,
    opened_date as opened,
    finding_state as state
from marts.fct_finding_weeks
where
    as_of_date = {{ parameter.week }} and brid = {{ parameter.brid }}
    and finding_state <> 'closed'
order by kind, application, opened
