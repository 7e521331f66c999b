with

source as (

    select * from {{ ref('persona_overrides') }}

),

renamed as (

    select
        {{ clean_text('override_id') }} as override_id,
        {{ normalise_brid(clean_text('brid')) }} as brid,
        {{ clean_text('persona_id') }} as persona_id,
        valid_from,
        valid_to,
        {{ normalise_brid(clean_text('requested_by')) }} as requested_by,
        {{ normalise_brid(clean_text('approved_by')) }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force('valid_from', 'valid_to') }} as is_in_force
    from source

)

select * from renamed
