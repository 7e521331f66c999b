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

described as (

    select
        {{ as_of_date() }} as as_of_date,
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

)

select * from described
