with

source as (

    select * from {{ ref('persona_list_amendments') }}

),

renamed as (

    select
        {{ clean_text('persona_id') }} as persona_id,
        {{ normalise_application_id(clean_text('application_id')) }} as application_spelling,
        {{ lower_case(clean_text('requirement')) }} as requirement,
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
