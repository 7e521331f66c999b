-- Every finding that somebody has to act on now, once for each person who should look at it.
with

findings as (

    select * from read_parquet('{marts}/fct_access_findings.parquet')
    where finding_state = 'open' and disposition = 'open'

),

review_items as (

    select * from read_parquet('{marts}/fct_review_items.parquet')

),

pairs as (

    select * from read_parquet('{marts}/fct_access_reconciliation.parquet')

),

employees as (

    select * from read_parquet('{marts}/dim_employees.parquet')

),

applications as (

    select * from read_parquet('{marts}/dim_applications.parquet')

),

recipients as (

    -- An owner who is the reviewer, too, gets the finding once; one without either is nobody's.
    select
        findings.finding_id,
        findings.reviewer_brid as recipient_brid,
        coalesce(findings.reviewer_role, 'nobody') as recipient_role
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

known as (

    {known}

)

select
    recipients.recipient_brid,
    recipients.recipient_role,
    reviewers.full_name as recipient_name,
    reviewers.work_email as recipient_email,
    case
        when known.finding_id is null then 'new'
        when findings.is_overdue and not known.is_overdue then 'overdue'
    end as listed_as,
    findings.as_of_date,
    findings.finding_id,
    review_items.risk_level,
    findings.brid,
    employees.full_name,
    findings.application_id,
    applications.application_name,
    findings.finding_type,
    findings.reconciliation_reason,
    pairs.orphan_detail,
    pairs.days_since_end,
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
    pairs.granted_date,
    pairs.last_used_date
from findings
inner join recipients on findings.finding_id = recipients.finding_id
left join review_items on findings.finding_id = review_items.finding_id
left join pairs
    on findings.brid = pairs.brid and findings.application_id = pairs.application_id
left join employees on findings.brid = employees.brid
left join employees as reviewers on recipients.recipient_brid = reviewers.brid
left join applications on findings.application_id = applications.application_id
left join known
    on
        recipients.finding_id = known.finding_id
        and recipients.recipient_brid is not distinct from known.recipient_brid
-- Worst first; of equals, what is late, then what is due, then what the fewest peers have.
order by
    recipients.recipient_brid nulls last,
    case review_items.risk_level
        when 'critical' then 1 when 'high' then 2 when 'medium' then 3 else 4
    end,
    findings.is_overdue desc,
    findings.due_date nulls last,
    review_items.n_peer_holders::double / nullif(review_items.n_peers, 0) nulls first,
    findings.opened_date,
    findings.brid,
    findings.application_id
