-- When access was due or should have ended, as HR says, or else between two weeks; and whether it
-- was granted or removed, or the finding ended for another reason.
with

weeks as (

    select
        as_of_date,
        lag(as_of_date) over (order by as_of_date) as previous_date,
        lead(as_of_date) over (order by as_of_date) as next_date
    from {{ ref('fct_reconciliation_by_week') }}
    where as_of_date <= {{ as_of_date() }}

),

findings as (

    select
        finding_id,
        brid,
        application_id,
        case
            when finding_type = 'missing' then 'time_to_provision'
            when reconciliation_reason = 'former_persona' then 'residual_after_moving'
            else 'residual_after_leaving'
        end as kpi,
        reconciliation_reason = 'orphan_account' as is_orphan,
        reviewer_brid,
        opened_date,
        is_older_than_history,
        last_seen_date,
        closed_date,
        closing_cause
    from {{ ref('fct_access_findings') }}
    where
        finding_type = 'missing'
        or reconciliation_reason in ('leaver', 'former_persona', 'orphan_account')

),

departures as (

    select
        findings.finding_id,
        max(case when employees.ended_date <= findings.last_seen_date then employees.ended_date end)
            as ended_date,
        max(employees.as_of_date) as last_in_hr_date
    from findings
    inner join {{ ref('int_employee_weeks') }} as employees
        on
            findings.brid = employees.brid
            and findings.last_seen_date >= employees.as_of_date
    where findings.kpi = 'residual_after_leaving'
    group by 1

),

timed as (

    -- Nobody left who has an account that HR never knew.
    select
        findings.kpi,
        findings.application_id,
        findings.reviewer_brid,
        coalesce(
            departures.ended_date,
            case when findings.is_orphan then departures.last_in_hr_date end,
            opening_weeks.previous_date
        ) as earliest_start_date,
        coalesce(
            departures.ended_date,
            case when findings.is_orphan then last_weeks_in_hr.next_date end,
            findings.opened_date
        ) as latest_start_date,
        findings.last_seen_date as earliest_end_date,
        findings.closed_date as latest_end_date,
        coalesce(findings.closing_cause = 'grant_changed', false) as is_ended,
        coalesce(findings.closing_cause <> 'grant_changed', false) as is_ended_otherwise,
        -- What is older than history has no beginning to count from, unless HR tells it.
        (
            not findings.is_older_than_history
            or departures.ended_date is not null
            or findings.is_orphan
        ) as is_measurable,
        case findings.kpi
            when 'time_to_provision' then {{ var('missing_sla_days') }}
            when 'residual_after_moving' then {{ var('mover_grace_days') }}
            else {{ var('finding_sla_days')['leaver'] }}
        end as service_level_days
    from findings
    left join departures on findings.finding_id = departures.finding_id
    left join weeks as opening_weeks on findings.opened_date = opening_weeks.as_of_date
    left join weeks as last_weeks_in_hr
        on departures.last_in_hr_date = last_weeks_in_hr.as_of_date
    where not findings.is_orphan or departures.last_in_hr_date is not null

)

select * from timed
