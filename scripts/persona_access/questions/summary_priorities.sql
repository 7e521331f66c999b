-- Only of the week computed last.
select
    risk_level as risk,
    finding_type as kind,
    reconciliation_reason as reason,
    n_open as to_act_on,
    n_overdue as overdue,
    n_new as new,
    n_people as people,
    max_age_days as oldest_days
from reporting.rpt_finding_priorities
order by {{ part.worst_first }}, n_overdue desc, n_open desc, kind, reason
