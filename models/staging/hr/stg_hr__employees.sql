with

source as (

    select * from {{ source('hr', 'hr_headcount') }}
    where {{ is_current_extract('hr_headcount') }}

),

renamed as (

    select
        {{ normalise_brid('brid') }} as brid,
        brid as brid_as_delivered,
        {{ clean_text('full_name') }} as full_name,
        {{ clean_text('work_email') }} as work_email,
        {{ to_word('employment_status', words=['on_leave']) }} as employment_status,
        {{ clean_text('worker_type') }} as worker_type,
        {{ clean_text('management_level') }} as management_level,
        {{ clean_text('cost_center') }} as cost_center,
        {{ clean_text('cost_center_name') }} as cost_center_name,
        {{ clean_text('department') }} as department,
        {{ clean_text('job_title') }} as job_title,
        {{ normalise_brid('manager_brid') }} as manager_brid,
        {{ clean_text('location') }} as location,
        {{ to_date('hire_date') }} as hire_date,
        {{ to_date('termination_date') }} as termination_date,
        load_id,
        file_name,
        row_number,
        extract_date
    from source

)

select * from renamed
