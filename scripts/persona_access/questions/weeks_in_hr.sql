-- The first and the last built week in which the snapshot of the headcount had a BRID.
with

periods as (

    select
        min(dbt_valid_from) as first_seen,
        max(dbt_valid_to) as no_longer_seen
    from snapshots.snap_headcount
    where brid = {{ parameter.brid }}

),

weeks as (

    select as_of_date from marts.fct_reconciliation_by_week

)

select
    min(weeks.as_of_date) as first_week_in_hr,
    max(weeks.as_of_date) as last_week_in_hr
from periods
inner join weeks
    on periods.first_seen <= weeks.as_of_date and periods.no_longer_seen > weeks.as_of_date
having count(*) > 0
