-- Each distinct first cell is checked once.
create or replace temp table label_cells as
with

first_cells as (

    select {{ part.first }} as cell from {{ part.rows }}
    group by 1

)

select cell from first_cells
where regexp_full_match(lower(trim(cell)), getvariable('labels'))
