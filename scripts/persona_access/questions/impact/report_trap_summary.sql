select
    cause,
    application_id,
    reason_before,
    reason_after,
    count(distinct brid) as people
from traps
group by 1, 2, 3, 4
order by people desc, cause, application_id
