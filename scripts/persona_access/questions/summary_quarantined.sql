-- Only of the week computed last.
select
    feed,
    quarantine_stage as stage,
    quarantine_reason as reason,
    n_rows,
    example
from reporting.rpt_quarantine_reasons
order by feed, n_rows desc, reason
