with

source as (

    select * from {{ source('hr', 'hr_headcount') }}
    where {{ is_current_extract('hr_headcount') }}

),

renamed as (

    select
        {{ normalise_brid('brid') }} as brid,
        brid as brid_as_delivered,
        {{ landed_text('full_name') }} as full_name,
        {{ landed_text('work_email') }} as work_email,
        {{ to_meaning('hr', 'hr_headcount', 'employment_status') }} as employment_status,
        {{ landed_text('worker_type') }} as worker_type,
        {{ landed_text('management_level') }} as management_level,
        {{ landed_text('cost_center') }} as cost_center,
        {{ landed_text('cost_center_name') }} as cost_center_name,
        {{ landed_text('department') }} as department,
        {{ landed_text('job_title') }} as job_title,
        {{ normalise_brid('manager_brid') }} as manager_brid,
        {{ landed_text('location') }} as location,
        {{ to_date('hire_date') }} as hire_date,
        {{ to_date('termination_date') }} as termination_date,
        attributes,
        {{ is_of_late_source('hr_headcount') }} as is_source_late,
        load_id,
        file_name,
        row_number,
        extract_date
    from source

)

select * from renamed
