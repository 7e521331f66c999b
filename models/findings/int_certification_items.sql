with

lists_before as (

    select * from {{ ref('stg_history__review_lists') }}
    where item_kind = 'certification'

),

first_lists as (

    select
        campaign_id,
        min(as_of_date) as first_week
    from lists_before
    group by 1

),

campaigns as (

    select campaign_id from {{ ref('int_review_campaigns') }}

),

listed as (

    select
        item_id,
        item_kind,
        campaign_id,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        is_privileged,
        due_date,
        reviewer_brid,
        reviewer_role
    from {{ ref('int_certifications_started') }}

    union all

    select
        lists_before.item_id,
        lists_before.item_kind,
        lists_before.campaign_id,
        lists_before.brid,
        lists_before.application_id,
        lists_before.finding_type,
        lists_before.reconciliation_reason,
        lists_before.is_privileged,
        lists_before.due_date,
        lists_before.reviewer_brid,
        lists_before.reviewer_role
    from lists_before
    inner join first_lists
        on
            lists_before.campaign_id = first_lists.campaign_id
            and lists_before.as_of_date = first_lists.first_week
    inner join campaigns on lists_before.campaign_id = campaigns.campaign_id

)

select * from listed
