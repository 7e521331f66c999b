with

source as (

    select * from {{ ref('mapping_rules') }}

),

renamed as (

    select
        {{ clean_text('rule_id') }} as rule_id,
        rule_version,
        lower({{ clean_text('effect') }}) as effect,
        {{ clean_text('management_level') }} as management_level,
        {{ clean_text('cost_center') }} as cost_center,
        {{ clean_text('persona_id') }} as persona_id,
        priority,
        coalesce(is_null_matched, false) as is_null_matched,
        valid_from,
        valid_to,
        {{ normalise_brid(clean_text('owner')) }} as owner,
        {{ normalise_brid(clean_text('author')) }} as author,
        {{ normalise_brid(clean_text('approved_by')) }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force('valid_from', 'valid_to') }} as is_in_force
    from source

)

select * from renamed
