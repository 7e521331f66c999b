with

source as (

    select * from {{ ref('non_human_accounts') }}

),

renamed as (

    select
        {{ normalise_holder(clean_text('brid')) }} as brid,
        {{ clean_text('purpose') }} as purpose,
        {{ normalise_brid(clean_text('owner_brid')) }} as owner_brid,
        valid_from,
        valid_to,
        {{ normalise_brid(clean_text('approved_by')) }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force('valid_from', 'valid_to') }} as is_in_force
    from source

)

select * from renamed
