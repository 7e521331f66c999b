with

source as (

    select * from {{ ref('pretrained_cost_centers') }}

),

renamed as (

    select
        {{ lower_case(clean_text('cost_center')) }} as cost_center_key,
        {{ clean_text('attribute_name') }} as attribute_name,
        {{ compared_text(clean_text('attribute_value')) }} as value_key,
        share_percent
    from source

)

select * from renamed
