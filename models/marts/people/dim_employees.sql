with

employees as (

    select * from {{ ref('int_employees') }}

),

actual_access as (

    select
        brid,
        count(*) as n_applications
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted
    group by 1

),

persona_sets as (

    select
        brid,
        persona_set_id,
        unresolved_reason
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

described as (

    select
        employees.brid,
        {{ as_of_date() }} as as_of_date,
        employees.full_name,
        employees.work_email,
        employees.employment_status,
        employees.employment_state,
        employees.is_employed,
        employees.worker_type,
        employees.management_level,
        employees.cost_center,
        employees.cost_center_name,
        employees.department,
        employees.job_title,
        employees.manager_brid,
        employees.location,
        employees.hire_date,
        employees.termination_date,
        employees.attributes,
        nullif(persona_sets.persona_set_id, '') as persona_ids,
        persona_sets.unresolved_reason,
        cast(coalesce(actual_access.n_applications, 0) as {{ dbt.type_int() }}) as n_applications,
        employees.is_employed and actual_access.brid is null as has_no_access,
        employees.n_hr_rows > 1 as has_hr_conflict
    from employees
    left join actual_access on employees.brid = actual_access.brid
    left join persona_sets on employees.brid = persona_sets.brid

)

select * from described
