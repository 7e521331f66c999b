with

answer_days as (

    select distinct
        decided_by,
        answered_date
    from {{ ref('int_answers_given') }}

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

answer_days_with_weeks as (

    -- The last week that HR delivered before the answer, and the first one after it.
    select
        answer_days.decided_by,
        answer_days.answered_date,
        max(
            case when weeks.as_of_date <= answer_days.answered_date then weeks.as_of_date end
        ) as week_before,
        min(
            case when weeks.as_of_date > answer_days.answered_date then weeks.as_of_date end
        ) as week_after
    from answer_days
    cross join weeks
    group by 1, 2

),

deciders_at_work as (

    -- Whoever HR has in one of the two worked here on the day, unless it says that they had left.
    -- Later weeks do not matter: who leaves after an answer undoes nothing.
    select
        answer_days_with_weeks.decided_by,
        answer_days_with_weeks.answered_date
    from answer_days_with_weeks
    inner join employee_weeks
        on
            answer_days_with_weeks.decided_by = employee_weeks.brid
            and (
                answer_days_with_weeks.week_before = employee_weeks.as_of_date
                or answer_days_with_weeks.week_after = employee_weeks.as_of_date
            )
    group by 1, 2
    having
        count(case when employee_weeks.is_employed then 1 end) > 0
        and count(
            case
                when
                    employee_weeks.as_of_date = answer_days_with_weeks.week_after
                    and employee_weeks.ended_date < answer_days_with_weeks.answered_date
                    then 1
            end
        ) = 0

)

select * from deciders_at_work
