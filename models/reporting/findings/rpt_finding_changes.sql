with

changes as (

    select * from {{ ref('fct_finding_changes') }}

),

findings as (

    select * from {{ ref('fct_finding_weeks') }}

),

access as (

    select
        as_of_date,
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        is_granted
    from {{ ref('fct_access_reconciliation') }}

),

described as (

    select
        changes.as_of_date,
        changes.brid,
        changes.application_id,
        changes.finding_type,
        changes.finding_change,
        changes.opened_date,
        findings.last_seen_date,
        findings.reconciliation_reason,
        findings.disposition,
        findings.waiver_id,
        findings.due_date,
        findings.reviewer_brid,
        coalesce(access.reconciliation_status, 'none') as status_now,
        coalesce(access.reconciliation_reason, 'neither expected nor held') as reason_now,
        coalesce(access.is_granted, false) as is_held_now,
        changes.change_cause,
        case
            when
                changes.change_cause in ('grant_changed', 'alias_changed', 'application_silent')
                then 'iam_app_registry'
            when changes.change_cause = 'hr_changed' then 'hr_headcount'
            when
                changes.change_cause in ('persona_changed', 'persona_list_changed')
                then 'persona_list, persona_members or the decisions'
            when
                changes.change_cause = 'non_human_register_changed'
                then 'non_human_accounts.csv'
        end as seen_in
    from changes
    left join findings
        on
            changes.as_of_date = findings.as_of_date
            and changes.brid = findings.brid
            and changes.application_id = findings.application_id
            and changes.finding_type = findings.finding_type
            and changes.opened_date = findings.opened_date
    left join access
        on
            changes.as_of_date = access.as_of_date
            and changes.brid = access.brid
            and changes.application_id = access.application_id

)

select * from described
