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
        hire_date
    from source

)

select * from renamed
