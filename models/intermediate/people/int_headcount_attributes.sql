with

employees as (

    select
        brid,
        employment_state,
        worker_type,
        management_level,
        cost_center,
        department,
        job_title,
        manager_brid
    from {{ ref('int_employees') }}

)

select * from employees
