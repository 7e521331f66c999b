with

reviewer_lists as (

    select * from {{ ref('fct_review_lists') }}
    where as_of_date = {{ as_of_date() }}

),

delegates as (

    select * from {{ ref('dim_review_delegates') }}

),

lists as (

    -- A delegate answers in the reviewer's name, but never about themselves.
    select
        reviewer_lists.*,
        reviewer_lists.reviewer_brid as recipient_brid,
        reviewer_lists.reviewer_role as recipient_role,
        cast(null as date) as delegated_from,
        cast(null as date) as delegated_to
    from reviewer_lists

    union all

    select
        reviewer_lists.*,
        delegates.delegate_brid as recipient_brid,
        'delegate' as recipient_role,
        delegates.valid_from as delegated_from,
        delegates.valid_to as delegated_to
    from reviewer_lists
    inner join delegates on reviewer_lists.reviewer_brid = delegates.reviewer_brid
    where delegates.delegate_brid <> reviewer_lists.brid

),

findings as (

    select * from {{ ref('fct_access_findings') }}
    where finding_state = 'open' and disposition = 'open'

),

review_items as (

    select * from {{ ref('fct_review_items') }}

),

answers as (

    select * from {{ ref('rpt_item_answers') }}

),

finding_causes as (

    select
        finding_id,
        cause_id
    from {{ ref('fct_finding_causes') }}
    where as_of_date = {{ as_of_date() }} and cause_kind <> 'single'

),

causes as (

    select
        cause_id,
        cause_rank,
        cause_title
    from {{ ref('rpt_causes') }}
    where as_of_date = {{ as_of_date() }} and cause_state <> 'closed'

),

access as (

    select
        brid,
        application_id,
        orphan_detail,
        days_since_end,
        granted_date,
        last_used_date
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

employees as (

    select * from {{ ref('dim_employees') }}

),

applications as (

    select * from {{ ref('dim_applications') }}

),

described as (

    select
        lists.recipient_brid,
        lists.recipient_role,
        recipients.full_name as recipient_name,
        recipients.work_email as recipient_email,
        lists.reviewer_brid,
        reviewers.full_name as reviewer_name,
        lists.delegated_from,
        lists.delegated_to,
        lists.as_of_date,
        lists.item_id,
        lists.item_kind,
        lists.campaign_id,
        findings.finding_id,
        case
            when review_items.risk_level is not null then review_items.risk_level
            when lists.is_privileged then 'high'
            else 'medium'
        end as risk_level,
        lists.brid,
        employees.full_name,
        lists.application_id,
        applications.application_name,
        lists.finding_type,
        lists.reconciliation_reason,
        access.orphan_detail,
        access.days_since_end,
        findings.persona_ids,
        review_items.peer_persona_id,
        review_items.n_peer_holders,
        review_items.n_peers,
        causes.cause_id,
        causes.cause_rank,
        causes.cause_title,
        findings.opened_date,
        findings.age_days,
        lists.due_date,
        coalesce(findings.is_overdue, lists.due_date < {{ as_of_date() }}, false) as is_overdue,
        coalesce(findings.n_times_reopened, 0) as n_times_reopened,
        coalesce(findings.n_times_waiver_ended, 0) as n_times_waiver_ended,
        lists.is_privileged,
        access.granted_date,
        access.last_used_date,
        answers.decision,
        answers.decision_state,
        answers.answered_date,
        answers.rejected_decision,
        answers.rejection_reason,
        answers.rejected_date
    from lists
    left join findings on lists.item_id = findings.finding_id
    left join review_items on lists.item_id = review_items.finding_id
    left join finding_causes on lists.item_id = finding_causes.finding_id
    left join causes on finding_causes.cause_id = causes.cause_id
    left join answers
        on
            lists.item_id = answers.item_id
            and lists.reviewer_brid = answers.reviewer_brid
    left join access
        on
            lists.brid = access.brid
            and lists.application_id = access.application_id
    left join employees on lists.brid = employees.brid
    left join employees as recipients on lists.recipient_brid = recipients.brid
    left join employees as reviewers on lists.reviewer_brid = reviewers.brid
    left join applications on lists.application_id = applications.application_id

)

select * from described
