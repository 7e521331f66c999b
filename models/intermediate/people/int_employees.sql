with

employees_ranked as (

    select * from {{ ref('int_employees_ranked') }}

),

chosen as (

    select
        brid,
        full_name,
        work_email,
        employment_status,
        employment_state,
        is_employed,
        worker_type,
        management_level,
        cost_center,
        cost_center_name,
        department,
        job_title,
        manager_brid,
        location,
        hire_date,
        termination_date,
        n_hr_rows,
        case
            -- Whoever was rehired and ended again by word alone has the former employment's date.
            when has_ended_by_date
                then {{ dbt.datediff('termination_date', as_of_date(), 'day') }}
        end as days_since_end
    from employees_ranked
    where row_rank = 1

)

select * from chosen
