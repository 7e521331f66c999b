-- The lines from an open quote to a later line that would close it.
insert into swallowed
with

closing as (

    select
        row_number,
        line
    from lines
    where contains(replace(line, '""', ''), '"')

),

closed as (

    select
        joined.row_number as opens_at,
        closing.row_number as closes_at
    from joined
    asof join closing on joined.ends_at < closing.row_number
    where
        joined.is_open
        and regexp_full_match(joined.record || chr(10) || closing.line, getvariable('whole_row'))

)

select
    lines.row_number,
    lines.line,
    min(closed.opens_at),
    max(closed.closes_at)
from lines
inner join closed on lines.row_number between closed.opens_at and closed.closes_at
group by lines.row_number, lines.line
