-- The statuses of the pairs, by reason and disposition.
select
    reconciliation_status,
    reconciliation_reason,
    disposition,
    n_pairs,
    n_people,
    n_privileged,
    n_grant_rows
from reporting.rpt_dispositions
where as_of_date = {{ parameter.week }}
order by all
