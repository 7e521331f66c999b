{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

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
        status_since_date
    from {{ this }}
    where as_of_date = {{ previous_date }}

),

findings_before as (

    select
        brid,
        application_id,
        finding_type,
        opened_date,
        due_date
    from {{ ref('int_findings_unclosed') }}

),

applications_silent as (

    select application_id from {{ ref('int_applications_silent') }}

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
        end as status_since_date
    from classified
    left join previous_week
        on
            classified.brid = previous_week.brid
            and classified.application_id = previous_week.application_id

),

dated as (

    select
        compared.*,
        compared.reconciliation_status in ('missing', 'excess') as is_finding,
        coalesce(
            compared.reconciliation_status = 'missing'
            and (applications_silent.application_id is not null or compared.is_undecided),
            false
        ) as is_undecidable,
        coalesce(findings_before.opened_date, {{ as_of_date() }}) as opened_date,
        findings_before.due_date as due_date_before,
        {{ finding_due_date(
            'compared.reconciliation_status', 'compared.reason', 'compared.moved_date'
        ) }} as due_date_by_reason
    from compared
    left join findings_before
        on
            compared.brid = findings_before.brid
            and compared.application_id = findings_before.application_id
            and compared.reconciliation_status = findings_before.finding_type
    left join applications_silent on compared.application_id = applications_silent.application_id

),

due as (

    -- A new reason of an existing finding can bring the day forward but never postpones it;
    -- damage does neither.
    select
        *,
        case
            when due_date_before < due_date_by_reason or doubt_reason is not null
                then coalesce(due_date_before, due_date_by_reason)
            else coalesce(due_date_by_reason, due_date_before)
        end as due_date
    from dated

),

disposed as (

    select
        *,
        case
            when not is_finding then null
            -- It is unknown whether the access is missing.
            when is_undecidable then 'suspended'
            -- Access that was kept for one reason is not kept for another, such as that the person
            -- left.
            when
                waiver_id is not null
                and coalesce(waived_reason, reconciliation_reason)
                in (reconciliation_status, reconciliation_reason)
                then 'waived'
            when
                reconciliation_reason = 'former_persona'
                and due_date >= {{ as_of_date() }}
                and due_date > opened_date
                then 'in_grace'
            when reconciliation_status = 'missing' and due_date >= {{ as_of_date() }} then 'in_sla'
            else 'open'
        end as disposition
    from due

),

shown as (

    select
        {{ as_of_date() }} as as_of_date,
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        orphan_detail,
        disposition,
        case when disposition = 'waived' then waiver_id end as waiver_id,
        status_since_date,
        case
            when reconciliation_status = 'missing' and not is_undecidable then opened_date
        end as due_since_date,
        case when is_finding and not is_undecidable then due_date end as due_date,
        last_expected_date,
        moved_date,
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
    from disposed

)

select * from shown
