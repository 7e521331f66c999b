with

source as (

    select * from {{ source('history', 'fct_review_lists') }}
    where as_of_date < {{ as_of_date() }}

),

renamed as (

    select
        as_of_date,
        reviewer_brid,
        reviewer_role,
        item_id,
        item_kind,
        campaign_id,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        is_privileged,
        due_date,
        registry_load_id
    from source

)

select * from renamed
