with

employees as (

    select
        brid,
        employment_state,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type
    from {{ ref('int_employees') }}

),

persona_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

hr_rows_quarantined as (

    select brid from {{ ref('int_hr_rows_quarantined') }}

),

previous_week as (

    select
        brid,
        employment_state,
        is_employed,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        persona_set_id
    from {{ this }}
    where as_of_date = {{ previous_as_of_date(this) }}

),

known as (

    select
        employees.brid,
        employees.employment_state,
        employees.employment_state in ('employed', 'on_leave') as is_employed,
        employees.management_level,
        employees.cost_center,
        employees.department,
        employees.job_title,
        employees.worker_type,
        coalesce(persona_sets.persona_set_id, '') as persona_set_id
    from employees
    left join persona_sets on employees.brid = persona_sets.brid

),

carried as (

    -- Or whoever has a damaged row would leave, and be hired again when it is readable.
    select previous_week.*
    from previous_week
    inner join hr_rows_quarantined on previous_week.brid = hr_rows_quarantined.brid

),

followed as (

    select
        known.brid,
        known.employment_state,
        known.is_employed,
        known.management_level,
        known.cost_center,
        known.department,
        known.job_title,
        known.worker_type,
        known.persona_set_id
    from known
    left join carried on known.brid = carried.brid
    where carried.brid is null

    union all

    select * from carried

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.*
    from followed

)

select * from dated
