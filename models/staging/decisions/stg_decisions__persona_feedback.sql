with

source as (

    select * from {{ ref('persona_feedback') }}

),

renamed as (

    select
        {{ normalise_brid(clean_text('brid')) }} as brid,
        {{ clean_text('persona_id') }} as persona_id,
        {{ lower_case(clean_text('verdict')) }} as verdict,
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
