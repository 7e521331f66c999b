with

source as (

    select * from {{ ref('account_candidates') }}

),

renamed as (

    select
        {{ normalise_holder(clean_text('account_brid')) }} as account_brid,
        {{ normalise_brid(clean_text('candidate_brid')) }} as candidate_brid,
        {{ clean_text('account_id') }} as account_id,
        found_date,
        probability,
        {{ clean_text('agreeing_fields') }} as agreeing_fields,
        coalesce(is_suggested, false) as is_suggested
    from source

)

select * from renamed
