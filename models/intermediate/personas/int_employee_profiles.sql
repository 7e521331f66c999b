with

{{ employee_keys() }},

profiles as (

    -- Pre-trained mappings look at more than two attributes; people who share all share the answer.
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
