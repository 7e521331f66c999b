with

source as (

    select * from {{ source('personas', 'persona_members') }}
    where {{ is_current_extract('persona_members') }}

),

renamed as (

    select
        {{ normalise_brid('brid') }} as brid,
        {{ landed_text('persona_id') }} as persona_id,
        brid as brid_as_delivered,
        {{ to_date('valid_from') }} as valid_from,
        {{ to_date('valid_to') }} as valid_to,
        load_id,
        file_name,
        row_number,
        extract_date
    from source

)

select * from renamed
