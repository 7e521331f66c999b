-- Every cause that a finding may have. `fct_finding_causes` decides between them.
{% set settled_date = dbt.dateadd('day', -7 * var('cause_settled_weeks'), as_of_date()) %}
with

evidence as (

    select
        *,
        (is_older_than_history or opened_date <= {{ settled_date }}) as is_settled
    from {{ ref('int_cause_evidence') }}

),

suggestions as (

    select
        application_id,
        spelling,
        suggestion_kind,
        n_opening
    from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }}

),

spelled_access as (

    select
        pairs.brid,
        pairs.application_id as spelling
    from {{ ref('fct_access_reconciliation') }} as pairs
    inner join suggestions on pairs.application_id = suggestions.spelling
    where pairs.as_of_date = {{ as_of_date() }} and pairs.is_granted
    group by 1, 2

),

mandatory_counts as (

    select
        persona_id,
        count(*) as n_mandatory
    from {{ ref('int_persona_requirements') }}
    where requirement = 'mandatory'
    group by 1

),

unit_members as (

    select
        assignments.persona_id,
        coalesce(employees.cost_center, '') as cost_center,
        count(*) as n_members
    from {{ ref('int_persona_assignments') }} as assignments
    inner join {{ ref('int_employees') }} as employees on assignments.brid = employees.brid
    where assignments.persona_id is not null
    group by 1, 2

),

persona_findings as (

    -- Of each persona's findings: how many of a unit have the same, and how many of anybody.
    select
        evidence.finding_number,
        evidence.brid,
        evidence.application_id,
        evidence.finding_type,
        evidence.reconciliation_reason,
        evidence.persona_id,
        coalesce(evidence.cost_center, '') as cost_center,
        evidence.is_settled,
        evidence.n_peers,
        evidence.n_peer_holders,
        unit_members.n_members as n_unit_members,
        count(*) over (
            partition by
                evidence.finding_type, evidence.persona_id, evidence.application_id,
                evidence.cost_center
        ) as n_unit_findings,
        count(*) over (
            partition by evidence.finding_type, evidence.persona_id, evidence.application_id
        ) as n_findings,
        max(case when evidence.is_settled then 1 else 0 end) over (
            partition by evidence.finding_type, evidence.persona_id, evidence.application_id
        ) as n_settled
    from evidence
    left join unit_members
        on
            evidence.persona_id = unit_members.persona_id
            and coalesce(evidence.cost_center, '') = unit_members.cost_center
    where
        evidence.persona_id is not null
        and evidence.suspended_reason is null
        and not evidence.is_gone_from_registry
        and (
            evidence.finding_type = 'missing'
            or evidence.reconciliation_reason in ('never_expected', 'requirement_withdrawn')
        )

),

applications_held_instead as (

    select application_id from suggestions
    where suggestion_kind = 'alternative'
    group by 1

),

requirements_missed as (

    select
        persona_findings.*,
        -- A unit of which most people miss it does not work with it.
        sum(
            case
                when persona_findings.n_unit_findings * 2 >= persona_findings.n_unit_members then 1
                else 0
            end
        ) over (
            partition by persona_findings.persona_id, persona_findings.application_id
        ) as n_in_units_without,
        applications_held_instead.application_id is not null as has_alternative
    from persona_findings
    left join applications_held_instead
        on persona_findings.application_id = applications_held_instead.application_id
    where persona_findings.finding_type = 'missing'

),

unfilled_assignments as (

    -- People who hold under half of what a persona asks for: they may not be what it says.
    select
        evidence.brid,
        evidence.persona_id,
        case
            when evidence.assignment_method in ('rule', 'pretrained') then evidence.source_id
            else evidence.assignment_method
        end as source_id
    from evidence
    inner join mandatory_counts on evidence.persona_id = mandatory_counts.persona_id
    where
        evidence.finding_type = 'missing'
        and evidence.is_settled
        and evidence.suspended_reason is null
        and not evidence.is_gone_from_registry
        and evidence.assignment_method <> 'baseline'
        and mandatory_counts.n_mandatory >= 2
    group by 1, 2, 3
    having count(*) * 2 > max(mandatory_counts.n_mandatory)

),

unfilled_together as (

    select
        *,
        count(*) over (partition by source_id, persona_id) as n_people
    from unfilled_assignments

),

assignment_findings as (

    -- What such people miss, and what they hold instead.
    select
        evidence.finding_number,
        unfilled_together.source_id,
        unfilled_together.persona_id
    from unfilled_together
    inner join evidence
        on
            unfilled_together.brid = evidence.brid
            and evidence.suspended_reason is null
            and not evidence.is_gone_from_registry
            and (
                (
                    evidence.finding_type = 'missing'
                    and unfilled_together.persona_id = evidence.persona_id
                )
                or evidence.reconciliation_reason = 'never_expected'
            )
    where unfilled_together.n_people >= {{ var('cause_min_findings') }}

),

unexpected_access as (

    -- How many people like these hold it: where many do, a persona may lack it.
    select
        finding_number,
        application_id,
        sum(n_peer_holders + 1) over (partition by application_id) as n_like_holders,
        sum(n_peers + 1) over (partition by application_id) as n_like_people
    from evidence
    where reconciliation_reason = 'never_expected'

),

candidates as (

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
        'access_before_start' as cause_kind,
        brid as subject_brid,
        null as subject_persona_id,
        null as subject_application_id,
        null as subject_detail
    from evidence
    where reconciliation_reason = 'early_access'

    union all

    select
        finding_number,
        'move_incomplete' as cause_kind,
        brid as subject_brid,
        null as subject_persona_id,
        null as subject_application_id,
        null as subject_detail
    from evidence
    where reconciliation_reason = 'former_persona'

    union all

    select
        finding_number,
        'rule_moved_people' as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        null as subject_application_id,
        concat_ws(
            ':', coalesce(source_id, 'no persona'), cast(opened_date as {{ dbt.type_string() }})
        ) as subject_detail
    from evidence
    where
        opening_cause = 'persona_changed'
        and coalesce(assignment_method, 'none') in ('rule', 'pretrained', 'none')
        and (finding_type = 'missing' or reconciliation_reason = 'former_persona')

    union all

    select
        evidence.finding_number,
        case
            when suggestions.suggestion_kind = 'alias' then 'spelling' else 'application_replaced'
        end as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        suggestions.application_id as subject_application_id,
        suggestions.spelling as subject_detail
    from evidence
    inner join suggestions on evidence.application_id = suggestions.application_id
    inner join spelled_access
        on
            suggestions.spelling = spelled_access.spelling
            and evidence.brid = spelled_access.brid
    where evidence.finding_type = 'missing' and suggestions.suggestion_kind <> 'alternative'

    union all

    select
        evidence.finding_number,
        'application_replaced' as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        suggestions.application_id as subject_application_id,
        suggestions.spelling as subject_detail
    from evidence
    inner join suggestions on evidence.application_id = suggestions.spelling
    where
        evidence.reconciliation_reason = 'never_expected'
        and suggestions.suggestion_kind = 'replacement'

    union all

    select
        finding_number,
        'application_retired' as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        application_id as subject_application_id,
        null as subject_detail
    from evidence
    where
        is_gone_from_registry
        and (finding_type = 'missing' or suspended_reason = 'application_silent')

    union all

    select
        finding_number,
        case
            when n_peer_holders * 2 <= n_peers and n_settled > 0 then 'requirement_not_real'
            when
                (n_in_units_without * 5 >= n_findings * 4 or has_alternative)
                and n_settled > 0
                then 'requirement_of_other_units'
            else 'provisioning_gap'
        end as cause_kind,
        null as subject_brid,
        persona_id as subject_persona_id,
        application_id as subject_application_id,
        null as subject_detail
    from requirements_missed

    union all

    select
        finding_number,
        'requirement_absent' as cause_kind,
        null as subject_brid,
        persona_id as subject_persona_id,
        application_id as subject_application_id,
        case
            when reconciliation_reason = 'requirement_withdrawn' then 'withdrawn'
            when (n_peer_holders + 1) * 2 < n_peers + 1 then cost_center
        end as subject_detail
    from persona_findings
    where
        finding_type = 'excess'
        and (
            reconciliation_reason = 'requirement_withdrawn'
            or (n_peer_holders + 1) * 2 >= n_peers + 1
            or n_unit_findings * 2 >= n_unit_members
        )

    union all

    select
        finding_number,
        'assignment_not_real' as cause_kind,
        null as subject_brid,
        persona_id as subject_persona_id,
        null as subject_application_id,
        source_id as subject_detail
    from assignment_findings

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
        'feed_fault' as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        case
            when suspended_reason = 'application_silent' then application_id
        end as subject_application_id,
        suspended_reason as subject_detail
    from evidence
    where
        suspended_reason is not null
        and not (suspended_reason = 'application_silent' and is_gone_from_registry)

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
    from unexpected_access

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

),

identified as (

    -- A cause is the same from week to week where its kind and what it is about are the same.
    -- Whether a requirement is not real or not provisioned yet may change with the evidence, and
    -- whether a persona lacks what people hold.
    select
        finding_number,
        concat_ws(
            ':',
            case
                when
                    cause_kind in (
                        'requirement_not_real', 'requirement_of_other_units', 'provisioning_gap'
                    )
                    then 'requirement'
                when
                    cause_kind in ('requirement_absent', 'peer_outlier')
                    and subject_persona_id is null
                    then 'unexpected_access'
                else cause_kind
            end,
            subject_brid,
            subject_persona_id,
            subject_application_id,
            subject_detail
        ) as cause_id,
        cause_kind,
        subject_brid,
        subject_persona_id,
        subject_application_id,
        subject_detail
    from candidates

),

weighed as (

    select
        identified.*,
        case identified.cause_kind
            {%- for kind, strength in var('cause_strengths').items() %}
                when '{{ kind }}' then {{ strength }}
            {%- endfor %}
        end as strength,
        cast(coalesce(suggestions.n_opening, 0) as {{ dbt.type_int() }}) as n_opening
    from identified
    left join suggestions
        on
            identified.cause_kind in ('spelling', 'application_replaced')
            and identified.subject_application_id = suggestions.application_id
            and identified.subject_detail = suggestions.spelling

)

select * from weighed
