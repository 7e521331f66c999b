with

source as (

    select * from {{ ref('retired_applications') }}

),

renamed as (

    select
        {{ normalise_application_id(clean_text('application_id')) }} as application_spelling,
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
