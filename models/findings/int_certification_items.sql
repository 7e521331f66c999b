with

application_reviewers as (

    select * from {{ ref('int_application_reviewers') }}

),

employee_reviewers as (

    select * from {{ ref('int_employee_reviewers') }}

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

campaigns as (

    select * from {{ ref('int_review_campaigns') }}

),

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

certifications_started as (

    -- The population is that of the first week: what is granted later is not part of it.
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
    left join first_lists on campaigns.campaign_id = first_lists.campaign_id
    left join employee_reviewers on access.brid = employee_reviewers.brid
    left join application_reviewers
        on access.application_id = application_reviewers.application_id
    where first_lists.campaign_id is null

),

certifications_listed as (

    select
        certifications_started.*,
        case
            when certifications_started.reviewer_brid is null then 'nobody'
            when
                certifications_started.reviewer_brid = application_reviewers.reviewer_brid
                then 'application_owner'
            else 'manager'
        end as reviewer_role
    from certifications_started
    left join application_reviewers
        on certifications_started.application_id = application_reviewers.application_id

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
    inner join campaigns on lists_before.campaign_id = campaigns.campaign_id
    inner join first_lists
        on
            lists_before.campaign_id = first_lists.campaign_id
            and lists_before.as_of_date = first_lists.first_week

)

select * from certifications_listed
