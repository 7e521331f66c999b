{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

quarantined_rows as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and is_row_quarantined
        and {{ is_data_row() }}
        and brid is not null

),

quarantined_before as (

    select brid from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'hr_headcount' and brid is not null

),

in_doubt as (

    select
        brid,
        last_read_date
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }} and last_read_date < as_of_date

),

newly_in_doubt as (

    select count(*) as n_rows from in_doubt
    where last_read_date = {{ previous_date }}

),

rows_without_brid as (

    select * from {{ ref('int_hr_rows_without_brid') }}

),

rows_readable_again as (

    -- If fewer rows lack a BRID than before, apart from people who vanished now, the difference may
    -- be the rows of new people.
    select
        rows_without_brid.n_rows_before > rows_without_brid.n_rows
        - least(newly_in_doubt.n_rows, rows_without_brid.n_rows) as is_any
    from rows_without_brid
    cross join newly_in_doubt

),

unreadable as (

    select
        brid,
        true as is_unreadable
    from quarantined_rows

    union all

    select
        brid,
        true as is_unreadable
    from in_doubt

    union all

    select
        brid,
        false as is_unreadable
    from quarantined_before

    union all

    select
        employees.brid,
        false as is_unreadable
    from {{ ref('int_employees') }} as employees
    cross join rows_readable_again
    where
        rows_readable_again.is_any
        -- A person who was hired since cannot have been in the previous extract.
        and coalesce(employees.hire_date <= {{ previous_date }}, true)

),

people as (

    select
        brid,
        bool_or(is_unreadable) as is_unreadable,
        bool_or(not is_unreadable) as was_unreadable
    from unreadable
    group by 1

)

select * from people
