with

answers as (

    select * from {{ ref('int_answers_given') }}

),

delegates as (

    select * from {{ ref('stg_decisions__review_delegates') }}

),

employees as (

    select brid from {{ ref('int_employees') }}
    where is_employed

),

deciders_at_work as (

    select * from {{ ref('int_deciders_at_work') }}

),

delegated as (

    -- Whether somebody else was named in time, by the day on which the answer arrived.
    select distinct answers.decision_id
    from answers
    inner join delegates
        on
            answers.reviewer_brid = delegates.reviewer_brid
            and answers.decided_by = delegates.delegate_brid
            and (delegates.valid_from is null or answers.answered_date >= delegates.valid_from)
            and (delegates.valid_to is null or answers.answered_date <= delegates.valid_to)

),

authorised as (

    select
        answers.decision_id,
        answers.decided_by = answers.reviewer_brid
        or delegated.decision_id is not null as is_decider_named,
        deciders_at_work.decided_by is not null as is_decider_at_work,
        new_reviewers.brid is not null as is_new_reviewer_at_work
    from answers
    left join delegated on answers.decision_id = delegated.decision_id
    left join employees as new_reviewers on answers.new_reviewer_brid = new_reviewers.brid
    left join deciders_at_work
        on
            answers.decided_by = deciders_at_work.decided_by
            and answers.answered_date = deciders_at_work.answered_date

)

select * from authorised
