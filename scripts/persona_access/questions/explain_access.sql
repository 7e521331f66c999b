select
    application_id as application,
    reconciliation_status as status,
    reconciliation_reason as reason,
    orphan_detail,
    disposition,
    requirement,
    persona_ids as asked_for_by,
    status_since_date as since,
    granted_date as granted,
    last_used_date as last_used,
    last_expected_date as last_expected,
    days_since_end,
    waiver_id as waiver,
    waived_by,
    waived_until_date as waived_until
from reporting.rpt_access
where as_of_date = {{ parameter.week }} and brid = {{ parameter.brid }}
order by list_position(['missing', 'excess', 'unassessed', 'match'], status), application
