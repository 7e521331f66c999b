{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

answers as (

    select * from {{ ref('int_answers_given') }}

),

delegates as (

    select * from {{ ref('stg_decisions__review_delegates') }}

),

people_at_work as (

    select * from {{ ref('int_people_at_work') }}

),

delegated as (

    -- Whether a delegate was named in time, by the day on which the answer arrived.
    select distinct answers.decision_id
    from answers
    inner join delegates
        on
            answers.reviewer_brid = delegates.reviewer_brid
            and answers.decided_by = delegates.delegate_brid
            and {{ is_in_force(
                'delegates.valid_from', 'delegates.valid_to', 'answers.answered_date'
            ) }}

),

weeks_kept as (

    select min(as_of_date) as first_week from {{ ref('int_employee_weeks') }}

),

checked_before as (

    -- Where retention has removed the weeks of HR around the answer, their verdict stands.
    select
        decisions.decision_id,
        coalesce(decisions.state_reason, '') <> 'decider_has_left' as was_decider_at_work,
        coalesce(decisions.state_reason, '') <> 'new_reviewer_unusable' as was_new_reviewer_at_work
    from {{ ref('stg_history__review_decisions') }} as decisions
    inner join answers on decisions.decision_id = answers.decision_id
    cross join weeks_kept
    where
        decisions.as_of_date = {{ previous_date }}
        and answers.answered_date < weeks_kept.first_week

),

authorised as (

    select
        answers.decision_id,
        answers.decided_by = answers.reviewer_brid
        or delegated.decision_id is not null as is_decider_named,
        coalesce(checked_before.was_decider_at_work, deciders.brid is not null)
            as is_decider_at_work,
        coalesce(checked_before.was_new_reviewer_at_work, new_reviewers.brid is not null)
            as is_new_reviewer_at_work
    from answers
    left join delegated on answers.decision_id = delegated.decision_id
    left join checked_before on answers.decision_id = checked_before.decision_id
    left join people_at_work as deciders
        on
            answers.decided_by = deciders.brid
            and answers.answered_date = deciders.answered_date
    left join people_at_work as new_reviewers
        on
            answers.new_reviewer_brid = new_reviewers.brid
            and answers.answered_date = new_reviewers.answered_date

)

select * from authorised
