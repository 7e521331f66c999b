select
    coalesce(sum(n_findings), 0)::bigint as n_findings,
    coalesce(sum(n_findings) filter (where risk_level = 'critical'), 0)::bigint as n_critical,
    coalesce(sum(n_new), 0)::bigint as n_new
from rpt_finding_priorities
