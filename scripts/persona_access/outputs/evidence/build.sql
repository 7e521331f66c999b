-- The newest build of the week, and the week before it.
with

builds as (

    select
        as_of_date,
        invocation_id,
        started_at,
        is_complete,
        n_errors,
        n_failures,
        n_skipped
    from runs.week_builds

),

earlier_weeks as (

    select max(as_of_date) as previous_week
    from runs.week_builds
    where as_of_date < {{ parameter.week }}

)

select
    builds.*,
    earlier_weeks.previous_week
from builds
cross join earlier_weeks
where builds.as_of_date = {{ parameter.week }}
order by builds.started_at desc
limit 1
