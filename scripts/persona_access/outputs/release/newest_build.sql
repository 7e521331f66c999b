-- The build that ended last, and the newest week of any build.
select
    as_of_date,
    invocation_id,
    started_at,
    is_complete,
    n_errors,
    n_failures,
    n_skipped,
    max(as_of_date) over () as newest_date
from runs.week_builds
order by started_at desc
limit 1
