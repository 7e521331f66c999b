with

evidence as (

    select * from {{ ref('int_cause_evidence') }}

),

mandatory_counts as (

    select
        persona_id,
        count(*) as n_mandatory
    from {{ ref('int_persona_requirements') }}
    where requirement = 'mandatory'
    group by 1

),

unfilled_assignments as (

    -- People who hold less than half of what a persona requires: they may have the wrong persona.
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

causes as (

    -- The access that such people miss, and the access that they hold instead.
    select
        evidence.finding_number,
        'assignment_not_real' as cause_kind,
        cast(null as {{ dbt.type_string() }}) as subject_brid,
        unfilled_together.persona_id as subject_persona_id,
        cast(null as {{ dbt.type_string() }}) as subject_application_id,
        unfilled_together.source_id as subject_detail
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

)

select * from causes
