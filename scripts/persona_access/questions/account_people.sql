-- Everybody whom HR ever delivered: a person who left is known from an earlier file.
with

delivered as (

    select
        *,
        list(distinct full_name) over (partition by brid) as full_names,
        row_number() over (partition by brid order by extract_date desc, row_number) as place
    from raw.hr_headcount
    where brid is not null and brid <> ''

)

select
    brid,
    full_name,
    work_email,
    hire_date,
    termination_date,
    full_names
from delivered
where place = 1
