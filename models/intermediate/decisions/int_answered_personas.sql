{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

-- Checked in the first week that counts the answer: if the persona is dropped later, the answer
-- stays valid.
with

answers as (

    select
        decision_id,
        persona_id
    from {{ ref('int_answers_given') }}
    where decision = 'wrong_persona'

),

personas as (

    select persona_id from {{ ref('int_personas') }}

),

checked_before as (

    select
        decision_id,
        decision_state <> 'rejected' as was_known
    from {{ ref('stg_history__review_decisions') }}
    where
        as_of_date = {{ previous_date }}
        and decision = 'wrong_persona'
        and (decision_state <> 'rejected' or state_reason = 'persona_unknown')

),

known as (

    select
        answers.decision_id,
        coalesce(checked_before.was_known, personas.persona_id is not null) as is_persona_known
    from answers
    left join personas on answers.persona_id = personas.persona_id
    left join checked_before on answers.decision_id = checked_before.decision_id

)

select * from known
