-- The population is that of the first week, without access that is granted later.
with

campaigns as (

    select * from {{ ref('int_review_campaigns') }}

),

campaigns_before as (

    select distinct campaign_id from {{ ref('stg_history__review_lists') }}
    where item_kind = 'certification'

),

access as (

    select
        brid,
        application_id,
        reconciliation_reason,
        coalesce(is_privileged, false) as is_privileged,
        last_used_date
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted

),

application_reviewers as (

    select * from {{ ref('int_application_reviewers') }}

),

employee_reviewers as (

    select * from {{ ref('int_employee_reviewers') }}

),

started as (

    select
        concat_ws(
            ':', access.brid, access.application_id, 'certification', campaigns.campaign_id
        ) as item_id,
        'certification' as item_kind,
        campaigns.campaign_id,
        access.brid,
        access.application_id,
        cast(null as {{ dbt.type_string() }}) as finding_type,
        access.reconciliation_reason,
        access.is_privileged,
        campaigns.due_date,
        application_reviewers.reviewer_brid as owner_brid,
        case
            when
                campaigns.reviewer_role = 'application_owner'
                and application_reviewers.reviewer_brid <> access.brid
                then application_reviewers.reviewer_brid
            else employee_reviewers.reviewer_brid
        end as reviewer_brid
    from campaigns
    inner join access
        on
            (campaigns.application_id is null or campaigns.application_id = access.application_id)
            and case campaigns.scope
                when 'privileged' then access.is_privileged
                when 'dormant'
                    then
                        access.last_used_date
                        < {{ dbt.dateadd('day', -1 * var('dormant_days'), as_of_date()) }}
                else true
            end
    left join campaigns_before on campaigns.campaign_id = campaigns_before.campaign_id
    left join employee_reviewers on access.brid = employee_reviewers.brid
    left join application_reviewers
        on access.application_id = application_reviewers.application_id
    where campaigns_before.campaign_id is null

),

described as (

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
        case
            when reviewer_brid is null then 'nobody'
            when reviewer_brid = owner_brid then 'application_owner'
            else 'manager'
        end as reviewer_role
    from started

)

select * from described
