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

authorised as (

    select
        answers.decision_id,
        answers.decided_by = answers.reviewer_brid
        or delegated.decision_id is not null as is_decider_named,
        deciders.brid is not null as is_decider_at_work,
        new_reviewers.brid is not null as is_new_reviewer_at_work
    from answers
    left join delegated on answers.decision_id = delegated.decision_id
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
