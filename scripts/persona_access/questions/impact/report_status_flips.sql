select
    status_before,
    reason_before,
    status_after,
    reason_after,
    disposition_before,
    disposition_after,
    count(*) as pairs,
    count(distinct brid) as people
from status_changes
group by all
order by
    status_before, reason_before, status_after, reason_after,
    disposition_before, disposition_after
