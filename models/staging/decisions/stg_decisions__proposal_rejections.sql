with

source as (

    select * from {{ ref('proposal_rejections') }}

),

renamed as (

    select
        {{ clean_text('proposal_id') }} as proposal_id,
        support,
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
