{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

findings_before as (

    select * from {{ ref('int_findings_unclosed') }}

),

findings_seen as (

    select * from {{ ref('int_findings_seen') }}

),

findings_unseen as (

    select * from {{ ref('int_findings_unseen') }}

),

earlier_episodes as (

    select
        brid,
        application_id,
        finding_type,
        count(*) as n_episodes
    from {{ ref('stg_history__findings') }}
    where as_of_date < {{ as_of_date() }} and finding_state = 'closed'
    group by brid, application_id, finding_type

),

seen as (

    select
        findings_seen.brid,
        findings_seen.application_id,
        findings_seen.finding_type,
        'open' as finding_state,
        cast(null as {{ dbt.type_string() }}) as suspended_reason,
        cast(null as date) as suspended_since_date,
        coalesce(findings_before.n_suspended_days, 0) as n_suspended_days,
        coalesce(findings_before.opened_date, {{ as_of_date() }}) as opened_date,
        -- Findings of the first week of history have an unknown age.
        coalesce(findings_before.is_older_than_history, {{ previous_date }} is null)
            as is_older_than_history,
        {{ as_of_date() }} as last_seen_date,
        findings_seen.reconciliation_reason,
        findings_seen.disposition,
        findings_seen.waiver_id,
        findings_seen.due_date,
        coalesce(findings_before.n_times_reopened, earlier_episodes.n_episodes, 0)
            as n_times_reopened,
        coalesce(findings_before.n_times_waiver_ended, 0)
        + case
            when findings_before.waiver_id is not null and findings_seen.disposition <> 'waived'
                then 1
            else 0
        end as n_times_waiver_ended,
        findings_seen.is_privileged,
        findings_seen.persona_ids,
        findings_seen.assignment_methods,
        findings_seen.assignment_confidence
    from findings_seen
    left join findings_before
        on
            findings_seen.brid = findings_before.brid
            and findings_seen.application_id = findings_before.application_id
            and findings_seen.finding_type = findings_before.finding_type
    left join earlier_episodes
        on
            findings_seen.brid = earlier_episodes.brid
            and findings_seen.application_id = earlier_episodes.application_id
            and findings_seen.finding_type = earlier_episodes.finding_type

),

unseen as (

    -- A finding that is no longer seen keeps its last known values. The clock of a suspended
    -- finding stands still: the days since the week before count neither towards its age nor
    -- towards its due date.
    select
        findings_before.*,
        findings_unseen.suspended_reason as suspended_reason_now,
        findings_unseen.suspended_reason is not null as is_suspended,
        case
            when findings_unseen.suspended_reason is null then 0
            else {{ dbt.datediff(previous_date, as_of_date(), 'day') }}
        end as n_days_still
    from findings_before
    inner join findings_unseen
        on
            findings_before.brid = findings_unseen.brid
            and findings_before.application_id = findings_unseen.application_id
            and findings_before.finding_type = findings_unseen.finding_type

),

followed as (

    select * from seen

    union all

    select
        brid,
        application_id,
        finding_type,
        case when is_suspended then 'suspended' else 'closed' end as finding_state,
        suspended_reason_now as suspended_reason,
        case
            when is_suspended then coalesce(suspended_since_date, {{ as_of_date() }})
        end as suspended_since_date,
        n_suspended_days + n_days_still as n_suspended_days,
        opened_date,
        is_older_than_history,
        last_seen_date,
        reconciliation_reason,
        case when is_suspended then 'suspended' else disposition end as disposition,
        waiver_id,
        cast({{ dbt.dateadd('day', 'n_days_still', 'due_date') }} as date) as due_date,
        n_times_reopened,
        n_times_waiver_ended,
        is_privileged,
        persona_ids,
        assignment_methods,
        assignment_confidence
    from unseen

)

select * from followed
