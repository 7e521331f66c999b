select
    cause,
    status_before,
    reason_before,
    status_after,
    reason_after,
    count(*) as pairs
from status_changes
where change_kind = 'status'
group by all
order by pairs desc, cause, status_before, status_after, reason_before, reason_after
