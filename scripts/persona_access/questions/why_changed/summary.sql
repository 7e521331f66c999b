select
    cause,
    count(*) filter (where change_kind = 'status') as statuses,
    count(*) filter (where change_kind = 'reason') as reasons,
    count(*) filter (where change_kind = 'disposition') as dispositions,
    count(distinct brid) as people
from status_changes
group by 1
order by statuses desc, reasons desc, dispositions desc, cause
