with

source as (

    select * from {{ ref('exception_policy') }}

),

renamed as (

    select
        {{ clean_text('policy_id') }} as policy_id,
        {{ normalise_application_id(clean_text('application_id')) }} as application_spelling,
        {{ to_word(clean_text('reconciliation_reason')) }} as reconciliation_reason,
        lower({{ clean_text('is_privileged') }}) as is_privileged,
        {{ to_word(clean_text('approval')) }} as approval,
        max_days,
        valid_from,
        valid_to,
        {{ normalise_brid(clean_text('approved_by')) }} as approved_by,
        approved_on,
        {{ clean_text('rationale') }} as rationale,
        {{ is_in_force('valid_from', 'valid_to') }} as is_in_force
    from source

)

select * from renamed
