with

evidence as (

    select * from {{ ref('int_cause_evidence') }}

),

causes as (

    select
        finding_number,
        'offboarding_incomplete' as cause_kind,
        brid as subject_brid,
        cast(null as {{ dbt.type_string() }}) as subject_persona_id,
        cast(null as {{ dbt.type_string() }}) as subject_application_id,
        cast(null as {{ dbt.type_string() }}) as subject_detail
    from evidence
    where reconciliation_reason = 'leaver' or orphan_detail = 'left_hr_file'

    union all

    select
        finding_number,
        case reconciliation_reason
            when 'early_access' then 'access_before_start'
            when 'former_persona' then 'move_incomplete'
        end as cause_kind,
        brid as subject_brid,
        null as subject_persona_id,
        null as subject_application_id,
        null as subject_detail
    from evidence
    where reconciliation_reason in ('early_access', 'former_persona')

    union all

    select
        finding_number,
        'orphan_cluster' as cause_kind,
        brid as subject_brid,
        null as subject_persona_id,
        null as subject_application_id,
        null as subject_detail
    from evidence
    where orphan_detail in ('never_seen', 'non_human_unregistered')

    union all

    select
        finding_number,
        'person_without_access' as cause_kind,
        brid as subject_brid,
        null as subject_persona_id,
        null as subject_application_id,
        null as subject_detail
    from evidence
    where
        has_no_access
        and finding_type = 'missing'
        and suspended_reason is null
        and not is_gone_from_registry

    union all

    select
        finding_number,
        'person' as cause_kind,
        brid as subject_brid,
        null as subject_persona_id,
        null as subject_application_id,
        null as subject_detail
    from evidence
    where
        suspended_reason is null
        and (
            (finding_type = 'missing' and not is_gone_from_registry)
            or reconciliation_reason in ('never_expected', 'prohibited_for_persona')
        )

)

select * from causes
