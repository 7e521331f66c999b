-- The lines below the header, and whether each is a complete row.
create or replace temp view lines as
select
    row_number,
    raw_line as line,
    case
        when contains(raw_line, '"') then regexp_full_match(raw_line, getvariable('whole_row'))
        else
            len(raw_line) - len(replace(raw_line, getvariable('delimiter'), ''))
            = getvariable('n_fields') - 1
    end as is_row
from raw_lines
where row_number > 1
