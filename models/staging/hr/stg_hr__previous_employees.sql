with

source as (

    select * from {{ source('hr', 'hr_headcount') }}
    where {{ is_previous_extract('hr_headcount') }}

),

renamed as (

    select
        {{ normalise_brid('brid') }} as brid,
        {{ to_meaning('hr', 'hr_headcount', 'employment_status') }} as employment_status,
        {{ to_date('hire_date') }} as hire_date,
        {{ to_date('termination_date') }} as termination_date,
        file_name,
        row_number
    from source

)

select * from renamed
