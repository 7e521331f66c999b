with

source as (

    select * from {{ source('history_of_evidence', 'int_access_presumed') }}

),

renamed as (

    select
        as_of_date,
        brid,
        application_id,
        is_privileged,
        granted_date,
        last_used_date,
        last_read_date,
        is_out_of_force
    from source

)

select * from renamed
