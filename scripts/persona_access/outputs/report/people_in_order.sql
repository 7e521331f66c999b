-- Everybody in the order of files, with the number of their file. A hash of the BRID chooses the
-- file, so that a file changes only with its own people; `assets/person.js` computes the same hash.
-- The number of files is a power of two, so that it stays for long.
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

),

files as (

    select
        cast(greatest(1, power(2, ceil(log2(
            (sum(coalesce(access_counts.n_rows, 0)) + count(*)) / {{ parameter.rows_a_file }}
        )))) as integer) as n_files
    from everybody
    left join access_counts on everybody.brid = access_counts.brid

),

hashed as (

    select
        brid,
        list_reduce(
            [0] || [
                unicode(substring(brid, place, 1)) for place in generate_series(1, length(brid))
            ],
            (number, sign) -> (number * 31 + sign) % 1000003
        ) as brid_hash
    from everybody
    where brid is not null

),

numbered as (

    select
        hashed.brid,
        hashed.brid_hash % files.n_files as file_number,
        files.n_files
    from hashed
    cross join files

)

select
    brid,
    cast(row_number() over (order by file_number, brid) as integer) as person_number,
    cast(file_number as integer) as file_number,
    n_files
from numbered
