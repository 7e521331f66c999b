-- The mart hashes that the newest build of each week recorded with this version of DuckDB.
with

builds as (

    select
        as_of_date,
        arg_max(invocation_id, started_at) as invocation_id
    from runs.week_builds
    group by as_of_date

),

newest as (

    select max(as_of_date) as as_of_date from builds

)

select
    recorded.as_of_date,
    recorded.invocation_id,
    recorded.schema_name,
    recorded.mart_name,
    recorded.is_weekly,
    recorded.column_names,
    recorded.n_rows,
    concat_ws(':', recorded.n_rows, recorded.content_hash) as content_hash,
    recorded.engine
from runs.mart_hashes as recorded
inner join builds on recorded.invocation_id = builds.invocation_id
cross join newest
where
    recorded.engine = version()
    and (recorded.is_weekly or recorded.as_of_date = newest.as_of_date)
order by recorded.as_of_date, recorded.mart_name
