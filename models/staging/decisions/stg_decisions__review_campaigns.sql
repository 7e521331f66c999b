with

source as (

    select * from {{ ref('review_campaigns') }}

),

renamed as (

    select
        {{ clean_text('campaign_id') }} as campaign_id,
        {{ to_word(clean_text('scope')) }} as scope,
        {{ normalise_application_id(clean_text('application_id')) }} as application_spelling,
        {{ to_word(clean_text('reviewer_role')) }} as reviewer_role,
        valid_from,
        due_date,
        valid_to,
        {{ normalise_brid(clean_text('approved_by')) }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force('valid_from', 'valid_to') }} as is_in_force
    from source

)

select * from renamed
