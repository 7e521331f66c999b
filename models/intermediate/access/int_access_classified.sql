-- The decision table. First match wins; every line is one row of the table, in its order.
with

evidence as (

    select
        brid,
        application_id,
        requirement,
        persona_ids,
        is_expected,
        is_granted,
        is_presumed,
        is_row_named,
        n_grant_rows,
        has_several_accounts,
        is_privileged,
        granted_date,
        last_used_date,
        is_in_hr,
        employment_state,
        hire_date,
        days_since_end,
        was_in_hr,
        is_hr_row_quarantined,
        is_source_late,
        is_registered_non_human,
        is_listed_non_human,
        is_application_known,
        is_application_modelled,
        unresolved_reason,
        last_expected_date,
        moved_date,
        is_withdrawn,
        waiver_id,
        waived_reason,
        doubt_reason,
        was_excess,
        was_missing
    from {{ ref('int_access_evidence') }}

),

reasoned as (

    select
        *,
        case
            when not is_in_hr and is_registered_non_human then 'non_human_registered'
            when not is_in_hr and is_hr_row_quarantined then 'hr_row_quarantined'
            -- An unreadable row opens no finding about a person to whom it may not belong.
            when is_presumed and not is_row_named and not was_excess then 'grant_row_quarantined'
            when not is_in_hr then 'orphan_account'
            when employment_state = 'ended' then 'leaver'
            when employment_state = 'not_started' then 'early_access'
            when is_granted and requirement = 'prohibited' then 'prohibited_for_persona'
            when is_presumed then 'grant_row_quarantined'
            when is_granted and is_source_late then 'source_late'
            when is_granted and not is_application_known then 'application_unknown'
            when is_granted and is_expected then requirement
            when is_granted and unresolved_reason is not null then unresolved_reason
            when is_granted and not is_application_modelled then 'application_not_modelled'
            when is_granted and last_expected_date is null then 'never_expected'
            when is_granted and is_withdrawn then 'requirement_withdrawn'
            when is_granted then 'former_persona'
            else 'not_granted'
        end as plain_reason
    from evidence

),

doubted as (

    -- Damage opens no finding: neither uncertain expectations nor incomplete rows of a person do.
    select
        *,
        case
            when
                not was_excess
                and (
                    plain_reason in (
                        'prohibited_for_persona', 'former_persona', 'requirement_withdrawn',
                        'never_expected'
                    )
                    or doubt_reason = 'hr_row_quarantined'
                    and plain_reason in ('leaver', 'early_access')
                )
                then coalesce(doubt_reason, plain_reason)
            else plain_reason
        end as reason
    from reasoned

),

classified as (

    select
        *,
        case
            when reason in (
                'orphan_account', 'leaver', 'early_access', 'prohibited_for_persona',
                'former_persona', 'requirement_withdrawn', 'never_expected'
            ) then 'excess'
            when reason in ('mandatory', 'optional') then 'match'
            when reason = 'not_granted' then 'missing'
            else 'unassessed'
        end as reconciliation_status,
        case
            when reason <> 'orphan_account' then null
            when was_in_hr then 'left_hr_file'
            when is_listed_non_human or {{ is_non_human_brid('brid') }}
                then 'non_human_unregistered'
            else 'never_seen'
        end as orphan_detail,
        doubt_reason is not null and reason = 'not_granted' and not was_missing as is_undecided
    from doubted

)

select * from classified
