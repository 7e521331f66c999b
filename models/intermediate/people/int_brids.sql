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

hr_rows_unreadable as (

    select * from {{ ref('int_hr_rows_unreadable') }}

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

    select brid from hr_rows_unreadable
    where is_unreadable

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
        coalesce(hr_rows_unreadable.is_unreadable, false) as is_hr_row_quarantined,
        coalesce(hr_rows_unreadable.was_unreadable, false) as was_hr_row_unreadable,
        coalesce(non_human_accounts.is_registered, false) as is_registered_non_human,
        non_human_accounts.brid is not null as is_listed_non_human,
        persona_sets.persona_set_id,
        persona_sets.unresolved_reason
    from brids
    left join employees on brids.brid = employees.brid
    left join employee_sightings on brids.brid = employee_sightings.brid
    left join hr_rows_unreadable on brids.brid = hr_rows_unreadable.brid
    left join non_human_accounts on brids.brid = non_human_accounts.brid
    left join persona_sets on brids.brid = persona_sets.brid

)

select * from described
