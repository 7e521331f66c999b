with

findings as (

    select
        as_of_date,
        finding_id,
        brid,
        finding_type,
        persona_ids,
        cost_center,
        is_overdue
    from {{ ref('rpt_findings') }}
    where finding_state = 'open' and disposition = 'open'

),

assignments as (

    select
        brid,
        persona_id
    from {{ ref('fct_persona_assignments') }}
    where
        as_of_date = {{ as_of_date() }}
        and persona_id is not null
        and assignment_method <> 'baseline'

),

counted as (

    -- The baseline persona is in every cost center and would hide the others.
    select
        findings.as_of_date,
        assignments.persona_id,
        findings.cost_center,
        count(*) as n_open,
        count(*) filter (where findings.is_overdue) as n_overdue,
        count(distinct findings.brid) as n_people
    from findings
    inner join assignments
        on
            findings.brid = assignments.brid
            and concat(' | ', findings.persona_ids, ' | ')
            like concat('% | ', assignments.persona_id, ' | %')
    group by 1, 2, 3

)

select * from counted
