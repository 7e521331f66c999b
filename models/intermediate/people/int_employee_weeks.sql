with

known as (

    select * from {{ ref('int_employees_known') }}

),

previous_week as (

    select * from {{ ref('stg_history__employees') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__employees')) }}

),

carried as (

    select * from {{ ref('int_employees_carried') }}

),

followed as (

    select
        known.brid,
        known.employment_status,
        known.employment_state,
        known.is_employed,
        known.management_level,
        known.cost_center,
        known.department,
        known.job_title,
        known.worker_type,
        known.manager_brid,
        known.hire_date,
        known.persona_set_id,
        known.last_whole_date,
        known.last_read_date,
        known.n_unreadable_when_read,
        known.n_hr_rows,
        known.ended_date
    from known
    left join carried on known.brid = carried.brid
    where carried.brid is null

    union all

    select
        previous_week.brid,
        previous_week.employment_status,
        previous_week.employment_state,
        previous_week.is_employed,
        previous_week.management_level,
        previous_week.cost_center,
        previous_week.department,
        previous_week.job_title,
        previous_week.worker_type,
        previous_week.manager_brid,
        previous_week.hire_date,
        previous_week.persona_set_id,
        previous_week.last_whole_date,
        carried.last_read_date,
        carried.n_unreadable_when_read,
        previous_week.n_hr_rows,
        previous_week.ended_date
    from carried
    inner join previous_week on carried.brid = previous_week.brid

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.*
    from followed

)

select * from dated
