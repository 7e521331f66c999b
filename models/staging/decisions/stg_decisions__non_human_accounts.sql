with

source as (

    select * from {{ ref('non_human_accounts') }}

),

renamed as (

    select
        {{ normalise_brid('brid') }} as brid,
        {{ clean_text('purpose') }} as purpose,
        {{ normalise_brid('owner_brid') }} as owner_brid,
        valid_from,
        valid_to,
        {{ normalise_brid('approved_by') }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force('valid_from', 'valid_to') }} as is_in_force
    from source

)

select * from renamed
