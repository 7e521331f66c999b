with

answers as (

    select * from {{ ref('int_answers_given') }}

),

employee_weeks as (

    select
        as_of_date,
        brid,
        is_employed,
        ended_date
    from {{ ref('int_employee_weeks') }}
    where as_of_date <= {{ as_of_date() }}

),

weeks as (

    select distinct as_of_date from employee_weeks

),

answer_days as (

    select
        decided_by as brid,
        answered_date
    from answers

    union distinct

    select
        new_reviewer_brid as brid,
        answered_date
    from answers
    where new_reviewer_brid is not null

),

answer_days_with_weeks as (

    -- The last week that HR delivered before the answer, and the first week in which the answer
    -- counts.
    select
        answer_days.brid,
        answer_days.answered_date,
        max(
            case when weeks.as_of_date <= answer_days.answered_date then weeks.as_of_date end
        ) as week_before,
        min(
            case when weeks.as_of_date >= answer_days.answered_date then weeks.as_of_date end
        ) as first_week
    from answer_days
    cross join weeks
    group by 1, 2

),

at_work as (

    -- A person in either headcount worked here on that day, unless HR says that they had left.
    -- Later weeks do not matter: leaving after an answer does not undo it.
    select
        answer_days_with_weeks.brid,
        answer_days_with_weeks.answered_date
    from answer_days_with_weeks
    inner join employee_weeks
        on
            answer_days_with_weeks.brid = employee_weeks.brid
            and (
                answer_days_with_weeks.week_before = employee_weeks.as_of_date
                or answer_days_with_weeks.first_week = employee_weeks.as_of_date
            )
    group by 1, 2
    having
        count(case when employee_weeks.is_employed then 1 end) > 0
        and count(
            case
                when
                    employee_weeks.as_of_date = answer_days_with_weeks.first_week
                    and employee_weeks.ended_date < answer_days_with_weeks.answered_date
                    then 1
            end
        ) = 0

)

select * from at_work
