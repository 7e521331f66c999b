{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

employees as (

    select
        brid,
        employment_state,
        hire_date,
        days_since_end,
        is_source_late
    from {{ ref('int_employees') }}

),

employee_sightings as (

    select brid from {{ ref('int_employee_sightings') }}
    where as_of_date < {{ as_of_date() }}

),

quarantined_rows as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and is_row_quarantined
        and {{ is_data_row() }}

),

quarantined_before as (

    select
        brid,
        n_rows
    from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'hr_headcount'

),

in_doubt as (

    select
        brid,
        last_read_date
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }} and last_read_date < as_of_date

),

hr_rows_quarantined as (

    select brid from quarantined_rows
    where brid is not null

    union

    select brid from in_doubt

),

unreadable_now as (

    select count(*) as n_rows from quarantined_rows
    where brid is null

),

newly_in_doubt as (

    select count(*) as n_rows from in_doubt
    where last_read_date = {{ previous_date }}

),

unreadable_then as (

    select coalesce(sum(n_rows), 0) as n_rows from quarantined_before
    where brid is null

),

rows_readable_again as (

    -- Fewer rows do not say whose they are, but for those who vanished now: anybody's who is new.
    select
        unreadable_then.n_rows > unreadable_now.n_rows
        - least(newly_in_doubt.n_rows, unreadable_now.n_rows) as is_any
    from unreadable_then
    cross join unreadable_now
    cross join newly_in_doubt

),

unreadable_before as (

    select brid from quarantined_before
    where brid is not null

    union

    select employees.brid
    from employees
    cross join rows_readable_again
    where
        rows_readable_again.is_any
        -- Who was hired since cannot have been in the extract before.
        and coalesce(employees.hire_date <= {{ previous_date }}, true)

),

non_human_accounts as (

    select
        brid,
        is_registered
    from {{ ref('int_non_human_accounts') }}

),

persona_sets as (

    select
        brid,
        persona_set_id,
        unresolved_reason
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

brids as (

    select brid from employees

    union

    select brid from employee_sightings

    union

    select brid from hr_rows_quarantined

    union

    select brid from non_human_accounts

),

described as (

    select
        brids.brid,
        employees.brid is not null as is_in_hr,
        employees.employment_state,
        employees.hire_date,
        employees.days_since_end,
        coalesce(employees.is_source_late, false) as is_source_late,
        employee_sightings.brid is not null as was_in_hr,
        hr_rows_quarantined.brid is not null as is_hr_row_quarantined,
        unreadable_before.brid is not null as was_hr_row_unreadable,
        coalesce(non_human_accounts.is_registered, false) as is_registered_non_human,
        non_human_accounts.brid is not null as is_listed_non_human,
        persona_sets.persona_set_id,
        persona_sets.unresolved_reason
    from brids
    left join employees on brids.brid = employees.brid
    left join employee_sightings on brids.brid = employee_sightings.brid
    left join hr_rows_quarantined on brids.brid = hr_rows_quarantined.brid
    left join unreadable_before on brids.brid = unreadable_before.brid
    left join non_human_accounts on brids.brid = non_human_accounts.brid
    left join persona_sets on brids.brid = persona_sets.brid

)

select * from described
