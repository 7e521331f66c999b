with

employees_ranked as (

    select * from {{ ref('int_employees_ranked') }}
    where n_hr_rows > 1

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        brid,
        file_name,
        row_number,
        brid_as_delivered,
        row_rank = 1 as is_chosen,
        employment_state,
        management_level,
        cost_center,
        hire_date,
        termination_date
    from employees_ranked

)

select * from described
