select
    reconciliation_status as status,
    reconciliation_reason as reason,
    n_pairs as pairs,
    n_people as people,
    n_open as open,
    n_in_sla as in_sla,
    n_in_grace as in_grace,
    n_waived as waived
from reporting.rpt_status_reasons
where as_of_date = {{ parameter.week }}
order by
    list_position(['match', 'missing', 'excess', 'unassessed'], reconciliation_status),
    pairs desc,
    reason
