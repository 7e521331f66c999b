with

review_campaigns as (

    select * from {{ ref('stg_decisions__review_campaigns') }}
    where is_in_force

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

resolved as (

    select
        review_campaigns.campaign_id,
        review_campaigns.scope,
        coalesce(aliases.application_id, review_campaigns.application_spelling) as application_id,
        review_campaigns.reviewer_role,
        review_campaigns.due_date
    from review_campaigns
    left join aliases on review_campaigns.application_spelling = aliases.application_spelling

)

select * from resolved
