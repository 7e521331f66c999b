with

classified as (

    select * from {{ ref('int_access_classified') }}

),

previous_week as (

    select
        brid,
        application_id,
        is_granted,
        reconciliation_status,
        status_since_date,
        due_since_date
    from {{ this }}
    where as_of_date = {{ previous_as_of_date(this) }}

),

compared as (

    select
        classified.*,
        case
            when classified.reconciliation_status <> 'missing' then classified.reason
            when previous_week.is_granted then 'lost_since_last_week'
            else 'never_granted'
        end as reconciliation_reason,
        case
            when previous_week.reconciliation_status = classified.reconciliation_status
                then previous_week.status_since_date
            else {{ as_of_date() }}
        end as status_since_date,
        -- Since when access has been due: since it went missing or, in the first week of history,
        -- since the person was hired.
        case
            when classified.reconciliation_status <> 'missing' then null
            when previous_week.reconciliation_status = 'missing' then previous_week.due_since_date
            when {{ previous_as_of_date(this) }} is not null then {{ as_of_date() }}
            else classified.hire_date
        end as due_since_date
    from classified
    left join previous_week
        on
            classified.brid = previous_week.brid
            and classified.application_id = previous_week.application_id

),

disposed as (

    select
        {{ as_of_date() }} as as_of_date,
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        orphan_detail,
        case
            when reconciliation_status not in ('missing', 'excess') then null
            when waiver_id is not null then 'waived'
            when
                reconciliation_reason = 'former_persona'
                and {{ dbt.datediff('last_expected_date', as_of_date(), 'day') }}
                <= {{ var('mover_grace_days') }}
                then 'in_grace'
            when
                reconciliation_status = 'missing'
                and {{ dbt.datediff('due_since_date', as_of_date(), 'day') }}
                <= {{ var('missing_sla_days') }}
                then 'in_sla'
            else 'open'
        end as disposition,
        case when reconciliation_status in ('missing', 'excess') then waiver_id end as waiver_id,
        status_since_date,
        due_since_date,
        last_expected_date,
        requirement,
        persona_ids,
        is_expected,
        is_granted,
        is_in_hr,
        is_application_known,
        is_application_modelled,
        is_privileged,
        cast(n_grant_rows as {{ dbt.type_int() }}) as n_grant_rows,
        has_several_accounts,
        granted_date,
        last_used_date,
        cast(days_since_end as {{ dbt.type_int() }}) as days_since_end
    from compared

)

select * from disposed
