with

source as (

    select * from {{ source('history_of_evidence', 'int_employee_weeks') }}

),

renamed as (

    select
        as_of_date,
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
        persona_set_id,
        -- Weeks of an older release lack these dates: their rows count as read in their own week.
        coalesce(last_whole_date, as_of_date) as last_whole_date,
        coalesce(last_read_date, as_of_date) as last_read_date,
        n_unreadable_when_read,
        n_hr_rows,
        ended_date
    from source

)

select * from renamed
