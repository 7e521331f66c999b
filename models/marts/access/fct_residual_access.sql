with

reconciliation as (

    select
        as_of_date,
        brid,
        application_id,
        reconciliation_reason,
        orphan_detail,
        disposition,
        status_since_date,
        moved_date,
        last_used_date,
        is_privileged
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }}
        and (
            reconciliation_reason in ('leaver', 'former_persona')
            or orphan_detail = 'left_hr_file'
        )

),

employees as (

    select
        brid,
        termination_date
    from {{ ref('int_employees') }}

),

finding_weeks as (

    select
        brid,
        application_id,
        finding_type,
        reviewer_brid,
        reviewer_role
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_type = 'excess'

),

survived as (

    select
        reconciliation.*,
        case
            when reconciliation.reconciliation_reason = 'leaver' then 'termination'
            when reconciliation.reconciliation_reason = 'former_persona' then 'move'
            else 'disappearance'
        end as residual_after_event,
        -- HR gives the day of a termination; other events have the week in which they were seen.
        case reconciliation.reconciliation_reason
            when 'leaver'
                then coalesce(employees.termination_date, reconciliation.status_since_date)
            when 'former_persona' then reconciliation.moved_date
            else reconciliation.status_since_date
        end as event_date
    from reconciliation
    left join employees on reconciliation.brid = employees.brid

),

described as (

    select
        survived.as_of_date,
        survived.brid,
        survived.application_id,
        survived.residual_after_event,
        survived.event_date,
        cast(
            {{ dbt.datediff('survived.event_date', 'survived.as_of_date', 'day') }}
            as {{ dbt.type_int() }}
        ) as days_residual,
        case
            when survived.residual_after_event = 'move'
                then
                    cast(
                        {{ dbt.dateadd('day', var('mover_grace_days'), 'survived.event_date') }}
                        as date
                    )
        end as grace_ends_date,
        survived.disposition,
        survived.is_privileged,
        survived.last_used_date,
        coalesce(survived.last_used_date > survived.event_date, false) as is_used_since,
        finding_weeks.reviewer_brid,
        finding_weeks.reviewer_role
    from survived
    left join finding_weeks
        on
            survived.brid = finding_weeks.brid
            and survived.application_id = finding_weeks.application_id

)

select * from described
