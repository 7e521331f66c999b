with

source as (

    select * from {{ ref('pretrained_conditions') }}

),

renamed as (

    select
        {{ clean_text('mapping_id') }} as mapping_id,
        {{ clean_text('attribute_name') }} as attribute_name,
        -- As it is written in the `attributes_key` of people who meet the condition.
        '|' || {{ clean_text('attribute_name') }} || '='
        || {{ attribute_key(clean_text('attribute_value')) }} || '|' as condition_text
    from source

)

select * from renamed
