with

evidence as (

    select * from {{ ref('int_cause_evidence') }}

),

like_people as (

    -- How many similar people hold it: if many do, a persona may lack it.
    select
        finding_number,
        application_id,
        sum(n_peer_holders + 1) over (partition by application_id) as n_like_holders,
        sum(n_peers + 1) over (partition by application_id) as n_like_people
    from evidence
    where reconciliation_reason = 'never_expected'

),

causes as (

    select
        finding_number,
        'application_retired' as cause_kind,
        cast(null as {{ dbt.type_string() }}) as subject_brid,
        cast(null as {{ dbt.type_string() }}) as subject_persona_id,
        application_id as subject_application_id,
        cast(null as {{ dbt.type_string() }}) as subject_detail
    from evidence
    where
        is_gone_from_registry
        and (finding_type = 'missing' or suspended_reason = 'application_silent')

    union all

    select
        evidence.finding_number,
        -- For a person without a persona, the cause is the missing persona, not the feed.
        case when unresolved.brid is not null then 'persona_unknown' else 'feed_fault' end
            as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        case
            when evidence.suspended_reason = 'application_silent' then evidence.application_id
        end as subject_application_id,
        evidence.suspended_reason as subject_detail
    from evidence
    left join {{ ref('int_unresolved_employees') }} as unresolved
        on
            evidence.brid = unresolved.brid
            and evidence.suspended_reason = unresolved.unresolved_reason
            and unresolved.unresolved_reason <> 'hr_attribute_missing'
    where
        evidence.suspended_reason is not null
        and not (
            evidence.suspended_reason = 'application_silent' and evidence.is_gone_from_registry
        )

    union all

    select
        finding_number,
        case
            when reconciliation_reason = 'lost_since_last_week' then 'access_lost_together'
            else 'provisioning_batch'
        end as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        application_id as subject_application_id,
        cast(opened_date as {{ dbt.type_string() }}) as subject_detail
    from evidence
    where
        finding_type = 'missing'
        and not is_older_than_history
        and suspended_reason is null
        and not is_gone_from_registry

    union all

    select
        finding_number,
        'orphan_cluster' as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        application_id as subject_application_id,
        account_pattern as subject_detail
    from evidence
    where orphan_detail in ('never_seen', 'non_human_unregistered')

    union all

    select
        finding_number,
        case
            when n_like_holders * 4 >= n_like_people then 'requirement_absent' else 'peer_outlier'
        end as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        application_id as subject_application_id,
        null as subject_detail
    from like_people

    union all

    select
        finding_number,
        'prohibited_held' as cause_kind,
        null as subject_brid,
        persona_id as subject_persona_id,
        application_id as subject_application_id,
        null as subject_detail
    from evidence
    where reconciliation_reason = 'prohibited_for_persona'

)

select * from causes
