{% set previous_date = previous_as_of_date(ref('int_employee_weeks'), is_bounded=false) %}

with

findings_reconciled as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        disposition,
        waiver_id,
        due_since_date,
        last_expected_date,
        is_privileged,
        persona_ids
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and reconciliation_status in ('missing', 'excess')

),

reconciliation as (

    -- Read again, not shared with the query above: an engine would keep the millions of rows.
    select
        brid,
        application_id,
        reconciliation_status
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

previous_findings as (

    select
        brid,
        application_id,
        finding_type,
        opened_date,
        last_seen_date,
        reconciliation_reason,
        disposition,
        waiver_id,
        due_date,
        n_times_reopened,
        n_times_waiver_ended,
        is_privileged,
        persona_ids
    from {{ this }}
    where as_of_date = {{ previous_date }} and finding_state <> 'closed'

),

earlier_episodes as (

    select
        brid,
        application_id,
        finding_type,
        count(*) as n_episodes
    from {{ this }}
    where as_of_date < {{ as_of_date() }} and finding_state = 'closed'
    group by brid, application_id, finding_type

),

applications_reported as (

    select application_id from {{ ref('int_applications_reported') }}

),

employee_reviewers as (

    select
        brid,
        reviewer_brid,
        reviewer_role
    from {{ ref('int_employee_reviewers') }}

),

application_reviewers as (

    select
        application_id,
        reviewer_brid
    from {{ ref('int_application_reviewers') }}

),

findings as (

    select
        *,
        case
            when reconciliation_status = 'missing'
                then
                    cast(
                        {{ dbt.dateadd('day', var('missing_sla_days'), 'due_since_date') }} as date
                    )
            when reconciliation_reason = 'former_persona'
                then
                    cast(
                        {{ dbt.dateadd('day', var('mover_grace_days'), 'last_expected_date') }}
                        as date
                    )
            else {{ finding_due_date('reconciliation_reason') }}
        end as due_date
    from findings_reconciled

),

seen as (

    select
        findings.brid,
        findings.application_id,
        findings.reconciliation_status as finding_type,
        'open' as finding_state,
        coalesce(previous_findings.opened_date, {{ as_of_date() }}) as opened_date,
        {{ as_of_date() }} as last_seen_date,
        findings.reconciliation_reason,
        findings.disposition,
        findings.waiver_id,
        -- A new reason may bring the day forward and never puts it off.
        case
            when previous_findings.due_date < findings.due_date then previous_findings.due_date
            else coalesce(findings.due_date, previous_findings.due_date)
        end as due_date,
        coalesce(previous_findings.n_times_reopened, earlier_episodes.n_episodes, 0)
            as n_times_reopened,
        coalesce(previous_findings.n_times_waiver_ended, 0)
        + case
            when
                previous_findings.disposition = 'waived' and findings.disposition <> 'waived'
                then 1
            else 0
        end as n_times_waiver_ended,
        findings.is_privileged,
        findings.persona_ids
    from findings
    left join previous_findings
        on
            findings.brid = previous_findings.brid
            and findings.application_id = previous_findings.application_id
            and findings.reconciliation_status = previous_findings.finding_type
    left join earlier_episodes
        on
            findings.brid = earlier_episodes.brid
            and findings.application_id = earlier_episodes.application_id
            and findings.reconciliation_status = earlier_episodes.finding_type

),

unseen as (

    -- What is no longer seen keeps what was last known of it.
    select
        previous_findings.brid,
        previous_findings.application_id,
        previous_findings.finding_type,
        case
            -- Silence of the registry does not prove that access is gone.
            when
                previous_findings.finding_type = 'excess'
                and reconciliation.brid is null
                and applications_reported.application_id is null
                then 'suspended'
            else 'closed'
        end as finding_state,
        previous_findings.opened_date,
        previous_findings.last_seen_date,
        previous_findings.reconciliation_reason,
        previous_findings.disposition,
        previous_findings.waiver_id,
        previous_findings.due_date,
        previous_findings.n_times_reopened,
        previous_findings.n_times_waiver_ended,
        previous_findings.is_privileged,
        previous_findings.persona_ids
    from previous_findings
    left join reconciliation
        on
            previous_findings.brid = reconciliation.brid
            and previous_findings.application_id = reconciliation.application_id
    left join applications_reported
        on previous_findings.application_id = applications_reported.application_id
    where
        reconciliation.reconciliation_status is null
        or reconciliation.reconciliation_status <> previous_findings.finding_type

),

followed as (

    select * from seen

    union all

    select * from unseen

),

reviewed as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.brid,
        followed.application_id,
        followed.finding_type,
        followed.finding_state,
        followed.opened_date,
        followed.last_seen_date,
        case when followed.finding_state = 'closed' then {{ as_of_date() }} end as closed_date,
        cast(
            {{ dbt.datediff('followed.opened_date', as_of_date(), 'day') }} as {{ dbt.type_int() }}
        ) as age_days,
        followed.reconciliation_reason,
        followed.disposition,
        followed.waiver_id,
        followed.due_date,
        coalesce(
            followed.finding_state <> 'closed'
            and followed.disposition = 'open'
            and followed.due_date < {{ as_of_date() }},
            false
        ) as is_overdue,
        cast(followed.n_times_reopened as {{ dbt.type_int() }}) as n_times_reopened,
        cast(followed.n_times_waiver_ended as {{ dbt.type_int() }}) as n_times_waiver_ended,
        followed.is_privileged,
        followed.persona_ids,
        coalesce(employee_reviewers.reviewer_brid, application_reviewers.reviewer_brid)
            as reviewer_brid,
        coalesce(
            employee_reviewers.reviewer_role,
            case when application_reviewers.reviewer_brid is not null then 'application_owner' end
        ) as reviewer_role
    from followed
    left join employee_reviewers on followed.brid = employee_reviewers.brid
    -- Nobody reviews their own access.
    left join application_reviewers
        on
            followed.application_id = application_reviewers.application_id
            and followed.brid <> application_reviewers.reviewer_brid

),

ordered as (

    -- In this order a look at the closed findings of all weeks leaves the others unread.
    select * from reviewed
    order by finding_state, brid, application_id

)

select * from ordered
