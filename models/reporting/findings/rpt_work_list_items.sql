with

findings as (

    select * from {{ ref('fct_access_findings') }}
    where finding_state = 'open' and disposition = 'open'

),

review_items as (

    select * from {{ ref('fct_review_items') }}

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

    select
        brid,
        full_name,
        work_email
    from {{ ref('dim_employees') }}

),

applications as (

    select
        application_id,
        application_name
    from {{ ref('dim_applications') }}

),

recipients as (

    -- An owner who is the reviewer, too, gets the finding once; one without either is nobody's.
    select
        finding_id,
        reviewer_brid as recipient_brid,
        coalesce(reviewer_role, 'nobody') as recipient_role
    from findings

    union all

    select
        findings.finding_id,
        review_items.application_owner_brid as recipient_brid,
        'application_owner' as recipient_role
    from findings
    inner join review_items on findings.finding_id = review_items.finding_id
    where
        review_items.application_owner_brid is not null
        and review_items.application_owner_brid is distinct from findings.reviewer_brid

),

described as (

    select
        recipients.recipient_brid,
        recipients.recipient_role,
        reviewers.full_name as recipient_name,
        reviewers.work_email as recipient_email,
        findings.as_of_date,
        findings.finding_id,
        review_items.risk_level,
        findings.brid,
        employees.full_name,
        findings.application_id,
        applications.application_name,
        findings.finding_type,
        findings.reconciliation_reason,
        access.orphan_detail,
        access.days_since_end,
        findings.persona_ids,
        review_items.peer_persona_id,
        review_items.n_peer_holders,
        review_items.n_peers,
        findings.opened_date,
        findings.age_days,
        findings.due_date,
        findings.is_overdue,
        findings.n_times_reopened,
        findings.n_times_waiver_ended,
        coalesce(findings.is_privileged, false) as is_privileged,
        access.granted_date,
        access.last_used_date
    from recipients
    inner join findings on recipients.finding_id = findings.finding_id
    left join review_items on findings.finding_id = review_items.finding_id
    left join access
        on
            findings.brid = access.brid
            and findings.application_id = access.application_id
    left join employees on findings.brid = employees.brid
    left join employees as reviewers on recipients.recipient_brid = reviewers.brid
    left join applications on findings.application_id = applications.application_id

)

select * from described
