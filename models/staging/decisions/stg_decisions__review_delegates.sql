with

source as (

    select * from {{ ref('review_delegates') }}

),

renamed as (

    select
        {{ normalise_brid(clean_text('reviewer_brid')) }} as reviewer_brid,
        {{ normalise_brid(clean_text('delegate_brid')) }} as delegate_brid,
        valid_from,
        valid_to,
        {{ normalise_brid(clean_text('approved_by')) }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force('valid_from', 'valid_to') }} as is_in_force
    from source

)

select * from renamed
