-- Personas in reviewers' answers: the rows from which a mapping can learn.
with

decisions as (

    select
        decision_id,
        brid,
        application_id,
        decision_state,
        list_week,
        persona_id,
        decided_by,
        answered_date
    from {{ ref('fct_review_decisions') }}
    where
        as_of_date = {{ as_of_date() }}
        and decision_state in ('persona_disputed', 'confirmed')

),

assignments as (

    -- Everybody holds the baseline, so an answer says nothing about it.
    select
        as_of_date,
        brid,
        persona_id
    from {{ ref('fct_persona_assignments') }}
    where assignment_method <> 'baseline' and persona_id is not null

),

access_expected as (

    -- Access that several personas expect confirms none of them.
    select
        as_of_date,
        brid,
        application_id,
        persona_ids as persona_id
    from {{ ref('fct_access_reconciliation') }}
    where reconciliation_status = 'match'

),

personas as (

    select persona_id from {{ ref('dim_personas') }}

),

verdicts as (

    select
        decision_id,
        brid,
        persona_id,
        'confirmed' as persona_verdict,
        'named_as_right' as verdict_basis,
        decided_by,
        answered_date
    from decisions
    where decision_state = 'persona_disputed'

    union

    select
        decisions.decision_id,
        decisions.brid,
        assignments.persona_id,
        'rejected' as persona_verdict,
        'another_named_as_right' as verdict_basis,
        decisions.decided_by,
        decisions.answered_date
    from decisions
    inner join assignments
        on
            decisions.brid = assignments.brid
            and decisions.list_week = assignments.as_of_date
            and decisions.persona_id <> assignments.persona_id
    where decisions.decision_state = 'persona_disputed'

    union

    select
        decisions.decision_id,
        decisions.brid,
        assignments.persona_id,
        'confirmed' as persona_verdict,
        'its_access_certified' as verdict_basis,
        decisions.decided_by,
        decisions.answered_date
    from decisions
    inner join access_expected
        on
            decisions.brid = access_expected.brid
            and decisions.application_id = access_expected.application_id
            and decisions.list_week = access_expected.as_of_date
    inner join assignments
        on
            decisions.brid = assignments.brid
            and decisions.list_week = assignments.as_of_date
            and access_expected.persona_id = assignments.persona_id
    where decisions.decision_state = 'confirmed'

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        verdicts.*
    from verdicts
    -- Nothing is learned about a persona that no longer exists.
    inner join personas on verdicts.persona_id = personas.persona_id

)

select * from described
