-- Lines that do not fit the header, as most footers do not.
with

bare_lines as (

    select
        row_number,
        trim(raw_line, ' ,;|"' || chr(9)) as bare_line
    from faults
    where reason like 'too_%'

)

select
    row_number,
    bare_line
from bare_lines
where regexp_full_match(lower(bare_line), getvariable('labels'))
order by row_number
limit {{ parameter.n_most }}
