with

source as (

    select * from {{ ref('rule_conditions') }}

),

renamed as (

    select
        {{ clean_text('rule_id') }} as rule_id,
        rule_version,
        lower({{ clean_text('attribute_name') }}) as attribute_name,
        {{ clean_text('attribute_value') }} as attribute_value
    from source

),

worded as (

    -- As it is written in the `attributes_key` of people who meet the condition; a prefix continues
    -- there.
    select
        *,
        case
            when attribute_value like '%*'
                then
                    '|' || attribute_name || '='
                    || left({{ attribute_key('attribute_value') }}, length(attribute_value) - 1)
            else '|' || attribute_name || '=' || {{ attribute_key('attribute_value') }} || '|'
        end as condition_text
    from renamed

)

select * from worded
