with

employees as (

    select
        brid,
        coalesce({{ lower_case('management_level') }}, '') as management_level_key,
        coalesce({{ lower_case('cost_center') }}, '') as cost_center_key,
        coalesce({{ lower_case('department') }}, '') as department_key,
        coalesce({{ lower_case('job_title') }}, '') as job_title_key,
        coalesce({{ lower_case('worker_type') }}, '') as worker_type_key,
        coalesce(attributes_key, '') as attributes_key
    from {{ ref('int_employees') }}
    where is_employed

),

profiles as (

    -- Pre-trained mappings look at more than two attributes; people who share all share the answer.
    select
        management_level_key,
        cost_center_key,
        department_key,
        job_title_key,
        worker_type_key,
        attributes_key,
        count(*) as n_employees
    from employees
    group by 1, 2, 3, 4, 5, 6

)

select * from profiles
