with

{{ employee_keys() }},

profiles as (

    -- Pre-trained mappings use more than two attributes; people with the same attributes get the
    -- same answer.
    select
        management_level_key,
        cost_center_key,
        department_key,
        job_title_key,
        worker_type_key,
        manager_key,
        attributes_key,
        count(*) as n_employees
    from employees
    group by 1, 2, 3, 4, 5, 6, 7

)

select * from profiles
