-- Quarantined rows, by reason.
select
    feed,
    quarantine_stage,
    quarantine_reason,
    n_rows
from marts.fct_quarantine_by_week
where as_of_date = {{ parameter.week }}
order by all
