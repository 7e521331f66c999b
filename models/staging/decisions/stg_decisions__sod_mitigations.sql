with

source as (

    select * from {{ ref('sod_mitigations') }}

),

renamed as (

    select
        {{ clean_text('sod_rule_id') }} as sod_rule_id,
        {{ normalise_brid(clean_text('brid')) }} as brid,
        {{ clean_text('mitigating_control') }} as mitigating_control,
        valid_from,
        valid_to,
        {{ normalise_brid(clean_text('requested_by')) }} as requested_by,
        {{ normalise_brid(clean_text('approved_by')) }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force_once_approved() }} as is_in_force
    from source

)

select * from renamed
