with

findings as (

    select
        brid,
        application_id,
        finding_type,
        opened_date,
        reconciliation_reason,
        coalesce(is_privileged, false) as is_privileged,
        due_date,
        reviewer_brid,
        coalesce(reviewer_role, 'nobody') as reviewer_role,
        concat_ws(
            ':', brid, application_id, finding_type,
            cast(opened_date as {{ dbt.type_string() }})
        ) as item_id
    from {{ ref('fct_finding_weeks') }}
    where
        as_of_date = {{ as_of_date() }}
        and finding_state = 'open'
        and disposition = 'open'

),

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

review_campaigns as (

    select * from {{ ref('stg_decisions__review_campaigns') }}
    where is_in_force

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

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

extracts as (

    select load_id from {{ ref('int_current_extracts') }}
    where feed = 'iam_app_registry'

),

reassignments as (

    select
        item_id,
        reviewer_brid,
        new_reviewer_brid
    from {{ ref('int_review_answers') }}
    where is_newest and decision = 'not_mine'

),

campaigns as (

    select
        review_campaigns.campaign_id,
        review_campaigns.scope,
        coalesce(aliases.application_id, review_campaigns.application_spelling) as application_id,
        review_campaigns.reviewer_role,
        review_campaigns.due_date
    from review_campaigns
    left join aliases on review_campaigns.application_spelling = aliases.application_spelling

),

findings_listed as (

    -- An owner who is the reviewer, too, gets the finding once; one without either is nobody's.
    select
        item_id,
        'finding' as item_kind,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        is_privileged,
        due_date,
        reviewer_brid,
        reviewer_role
    from findings

    union all

    select
        findings.item_id,
        'finding' as item_kind,
        null as campaign_id,
        findings.brid,
        findings.application_id,
        findings.finding_type,
        findings.reconciliation_reason,
        findings.is_privileged,
        findings.due_date,
        application_reviewers.reviewer_brid,
        'application_owner' as reviewer_role
    from findings
    inner join application_reviewers
        on findings.application_id = application_reviewers.application_id
    where
        -- Nobody reviews their own access.
        application_reviewers.reviewer_brid <> findings.brid
        and application_reviewers.reviewer_brid is distinct from findings.reviewer_brid

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

),

listed as (

    select * from findings_listed

    union all

    select * from certifications_listed

),

handed_on as (

    -- Whoever was given an item may hand it on once more.
    select
        listed.item_id,
        listed.item_kind,
        listed.campaign_id,
        listed.brid,
        listed.application_id,
        listed.finding_type,
        listed.reconciliation_reason,
        listed.is_privileged,
        listed.due_date,
        coalesce(
            later.new_reviewer_brid, reassignments.new_reviewer_brid, listed.reviewer_brid
        ) as reviewer_brid,
        case
            when reassignments.new_reviewer_brid is not null then 'reassigned'
            else listed.reviewer_role
        end as reviewer_role
    from listed
    left join reassignments
        on
            listed.item_id = reassignments.item_id
            and listed.reviewer_brid = reassignments.reviewer_brid
    left join reassignments as later
        on
            reassignments.item_id = later.item_id
            and reassignments.new_reviewer_brid = later.reviewer_brid

),

ranked as (

    select
        *,
        row_number() over (
            partition by item_id, reviewer_brid
            order by case reviewer_role when 'application_owner' then 0 else 1 end, reviewer_role
        ) as role_rank
    from handed_on

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        ranked.reviewer_brid,
        ranked.reviewer_role,
        ranked.item_id,
        ranked.item_kind,
        ranked.campaign_id,
        ranked.brid,
        ranked.application_id,
        ranked.finding_type,
        ranked.reconciliation_reason,
        ranked.is_privileged,
        ranked.due_date,
        extracts.load_id as registry_load_id
    from ranked
    cross join extracts
    where ranked.role_rank = 1

)

select * from described
