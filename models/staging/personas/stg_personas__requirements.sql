with

source as (

    select * from {{ source('personas', 'persona_list') }}
    where {{ is_current_extract('persona_list') }}

),

renamed as (

    select
        {{ landed_text('persona_id') }} as persona_id,
        {{ normalise_application_id('application_id') }} as application_spelling,
        {{ landed_text('persona_name') }} as persona_name,
        {{ landed_text('business_unit') }} as business_unit,
        {{ landed_text('application_name') }} as application_name,
        coalesce({{ to_meaning('personas', 'persona_list', 'requirement') }}, 'mandatory')
            as requirement,
        {{ to_boolean('is_baseline') }} as is_baseline,
        load_id,
        file_name,
        row_number,
        extract_date
    from source

)

select * from renamed
