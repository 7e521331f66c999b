create or replace temp view recovered_rows as
with

records as (

    select
        row_number,
        line as record
    from lines
    where is_row
    union all
    select
        row_number,
        record
    from joined
    where is_row

),

separated as (

    select
        row_number,
        fields_of(records.record) as fields
    from records
    anti join swallowed using (row_number)

)

select
    row_number,
    {{ part.fields }}
from separated;

-- Like raw_lines, but a row of several lines has all of them.
create or replace temp view raw_records as
with

recovered as (

    select
        row_number,
        record as raw_line
    from joined
    where is_row

)

select
    row_number,
    raw_line
from recovered
union all
select
    row_number,
    raw_lines.raw_line
from raw_lines
anti join recovered using (row_number)
