with

source as (

    select * from {{ source('personas', 'persona_members') }}
    where {{ is_previous_extract('persona_members') }}

),

renamed as (

    select
        {{ normalise_brid('brid') }} as brid,
        {{ landed_text('persona_id') }} as persona_id,
        {{ to_date('valid_from') }} as valid_from,
        {{ to_date('valid_to') }} as valid_to,
        file_name,
        row_number
    from source

)

select * from renamed
