-- All people in order, with the number of their file; each file has a fixed number of access rows.
create or replace temp table people_in_order as
with

access_counts as (

    select
        brid,
        count(*) as n_rows
    from fct_access_reconciliation
    where as_of_date = (select week.as_of_date from week)
    group by brid

),

everybody as (

    select brid from rpt_people
    union distinct
    select brid from access_counts
    union distinct
    select brid from person_sections

)

select
    everybody.brid,
    cast(row_number() over (order by everybody.brid) as integer) as person_number,
    cast(floor((
        sum(coalesce(access_counts.n_rows, 0) + 1) over (
            order by everybody.brid rows unbounded preceding
        ) - 1
    ) / {{ parameter.rows_a_file }}) as integer) as file_number
from everybody
left join access_counts on everybody.brid = access_counts.brid
where everybody.brid is not null
