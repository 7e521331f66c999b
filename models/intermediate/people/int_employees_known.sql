with

employees as (

    select
        brid,
        known_status,
        employment_state,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        manager_brid,
        hire_date,
        known_hire_date,
        n_hr_rows,
        -- The date of an earlier employment is ignored.
        case when days_since_end is not null then termination_date end as ended_date
    from {{ ref('int_employees') }}

),

persona_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

previous_week as (

    select
        brid,
        is_employed,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        manager_brid,
        persona_set_id,
        last_whole_date
    from {{ ref('stg_history__employees') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__employees')) }}

),

compared as (

    -- An emptied cell may be damaged: its last known value is kept.
    select
        employees.brid,
        employees.n_hr_rows,
        employees.ended_date,
        employees.known_status as employment_status,
        employees.employment_state,
        employees.employment_state in ('employed', 'on_leave') as is_employed,
        coalesce(employees.management_level, previous_week.management_level) as management_level,
        coalesce(employees.cost_center, previous_week.cost_center) as cost_center,
        coalesce(employees.department, previous_week.department) as department,
        coalesce(employees.job_title, previous_week.job_title) as job_title,
        coalesce(employees.worker_type, previous_week.worker_type) as worker_type,
        coalesce(employees.manager_brid, previous_week.manager_brid) as manager_brid,
        employees.known_hire_date as hire_date,
        coalesce(persona_sets.persona_set_id, '') as persona_set_id,
        previous_week.persona_set_id as last_persona_set_id,
        previous_week.last_whole_date,
        coalesce(
            employees.employment_state in ('employed', 'on_leave')
            and previous_week.is_employed
            and coalesce(persona_sets.persona_set_id, '') <> previous_week.persona_set_id
            and {{ dbt.datediff('previous_week.last_whole_date', as_of_date(), 'day') }}
            <= 7 * {{ var('quarantine_doubt_weeks') }}
            and (
                (employees.management_level is null and previous_week.management_level is not null)
                or (employees.cost_center is null and previous_week.cost_center is not null)
                or (employees.department is null and previous_week.department is not null)
                or (employees.job_title is null and previous_week.job_title is not null)
                or (employees.worker_type is null and previous_week.worker_type is not null)
                or (employees.manager_brid is null and previous_week.manager_brid is not null)
            ),
            false
        ) as is_emptied
    from employees
    left join persona_sets on employees.brid = persona_sets.brid
    left join previous_week on employees.brid = previous_week.brid

),

known as (

    -- If the emptied cell took or gave personas, the earlier personas are kept, too, for some
    -- weeks.
    select
        brid,
        employment_status,
        employment_state,
        is_employed,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        manager_brid,
        hire_date,
        case when is_emptied then last_persona_set_id else persona_set_id end as persona_set_id,
        case when is_emptied then last_whole_date else {{ as_of_date() }} end as last_whole_date,
        {{ as_of_date() }} as last_read_date,
        cast(null as {{ dbt.type_bigint() }}) as n_unreadable_when_read,
        n_hr_rows,
        ended_date
    from compared

)

select * from known
