with

evidence as (

    select * from {{ ref('int_cause_evidence') }}
    where
        persona_id is not null
        and suspended_reason is null
        and not is_gone_from_registry
        and (
            finding_type = 'missing'
            or reconciliation_reason in ('never_expected', 'requirement_withdrawn')
        )

),

applications_held_instead as (

    select application_id from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }} and suggestion_kind = 'alternative'
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

findings as (

    -- For each persona's findings: how many people of a unit, and in total, have the same.
    select
        evidence.*,
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

),

requirements_missed as (

    select
        findings.*,
        -- If most people of a unit miss an application, the unit does not work with it.
        sum(case when findings.n_unit_findings * 2 >= findings.n_unit_members then 1 else 0 end)
            over (partition by findings.persona_id, findings.application_id)
            as n_in_units_without,
        applications_held_instead.application_id is not null as has_alternative
    from findings
    left join applications_held_instead
        on findings.application_id = applications_held_instead.application_id
    where findings.finding_type = 'missing'

),

causes as (

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
        cast(null as {{ dbt.type_string() }}) as subject_brid,
        persona_id as subject_persona_id,
        application_id as subject_application_id,
        cast(null as {{ dbt.type_string() }}) as subject_detail
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
            when (n_peer_holders + 1) * 2 < n_peers + 1 then coalesce(cost_center, '')
        end as subject_detail
    from findings
    where
        finding_type = 'excess'
        and (
            reconciliation_reason = 'requirement_withdrawn'
            or (n_peer_holders + 1) * 2 >= n_peers + 1
            or n_unit_findings * 2 >= n_unit_members
        )

)

select * from causes
