with

source as (

    select * from {{ source('runs', 'accepted_gates') }}

),

renamed as (

    select
        as_of_date,
        gate
    from source

)

select * from renamed
