select
    *,
    sum(n_opened + n_closed) over (partition by change_cause) as n_of_cause
from rpt_finding_causes
where as_of_date = (select week.as_of_date from week)
