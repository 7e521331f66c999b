with

bad_rows as (

    select row_number from faults
    where raw_line is null

),

bad_lines as (

    select
        row_number,
        wanted.raw_line
    from {{ part.raw_lines }} as wanted
    semi join bad_rows using (row_number)

)

update faults
set raw_line = bad_lines.raw_line
from bad_lines
where faults.row_number = bad_lines.row_number and faults.raw_line is null
