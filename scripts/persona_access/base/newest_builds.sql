-- The newest build of each week, successful or not.
select
    as_of_date,
    arg_max(invocation_id, started_at) as invocation_id,
    arg_max(is_complete, started_at) as is_complete
from runs.week_builds
group by as_of_date
order by as_of_date
