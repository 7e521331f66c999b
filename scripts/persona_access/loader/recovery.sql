-- Sets apart the lines that are not rows: `loose` has each of them, and `joined` the row or the
-- fault that neighbouring ones form.

create or replace temp macro fields_of(record) as
case
    when contains(record, '"')
        then list_transform(
            regexp_extract_all(record || getvariable('delimiter'), getvariable('each_field'), 1),
            lambda field: case
                when starts_with(ltrim(field), '"')
                    then replace(trim(field)[2:-2], '""', '"')
                else field
            end
        )
    else string_split(record, getvariable('delimiter'))
end;

create or replace temp table loose as
with

counted as (

    select
        row_number,
        line,
        len(line) - len(replace(line, '"', '')) as n_quotes,
        row_number - row_number() over (order by row_number) as island
    from lines
    where not is_row

),

opened as (

    select
        *,
        coalesce(sum(n_quotes) over (
            partition by island
            order by row_number
            rows between unbounded preceding and 1 preceding
        ), 0) % 2 = 1 as is_continued
    from counted

)

select
    *,
    max(case when not is_continued then row_number end) over (
        partition by island
        order by row_number
        rows between unbounded preceding and current row
    ) as starts_at
from opened;

-- Lines are joined if their quotes show that a value continues.
create or replace temp table joined as
select
    starts_at as row_number,
    max(row_number) as ends_at,
    sum(n_quotes) % 2 = 1 as is_open,
    string_agg(line, chr(10) order by row_number)
    filter (where row_number < starts_at + getvariable('max_lines')) as record,
    count(*) between 2 and getvariable('max_lines')
    and regexp_full_match(record, getvariable('whole_row')) as is_row
from loose
group by starts_at;

create or replace temp table swallowed (
    row_number bigint, line varchar, opens_at bigint, closes_at bigint
)
