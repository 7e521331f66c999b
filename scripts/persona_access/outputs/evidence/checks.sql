-- Conditions that every review must meet: how many rows were examined, and how many broke the
-- condition.
with

counted as (

    select * from marts.fct_review_decisions
    where as_of_date = {{ parameter.week }} and decision_state <> 'rejected'

),

lists as (

    select * from marts.fct_review_lists
    where as_of_date <= {{ parameter.week }}

),

listed_now as (

    select * from lists
    where as_of_date = {{ parameter.week }}

),

findings_open as (

    select brid || ':' || application_id || ':' || finding_type || ':' || opened_date as item_id
    from marts.fct_finding_weeks
    where
        as_of_date = {{ parameter.week }}
        and finding_state = 'open'
        and disposition = 'open'

),

known_weeks as (

    -- Lists expire with their week; answers were compared with them before that.
    select distinct as_of_date from lists

),

answers_of_known_lists as (

    select counted.*
    from counted
    inner join known_weeks on counted.list_week = known_weeks.as_of_date
    where counted.decision <> 'attest'

),

checks as (

    select
        'no answer that counts was given by the person whose access it is about' as check_name,
        count(*) as n_examined,
        count(*) filter (where decided_by = brid) as n_faults
    from counted

    union all

    select
        'nobody has their own access to review' as check_name,
        count(*) as n_examined,
        count(*) filter (where reviewer_brid = brid) as n_faults
    from listed_now

    union all

    select
        'every answer that counts is about an item of the list that its reviewer got' as check_name,
        count(*) as n_examined,
        count(*) filter (where lists.item_id is null) as n_faults
    from answers_of_known_lists as answers
    left join lists
        on
            answers.list_week = lists.as_of_date
            and answers.reviewer_brid = lists.reviewer_brid
            and answers.item_id = lists.item_id

    union all

    select
        'no answer with a forged code counts' as check_name,
        count(*) as n_examined,
        count(*) filter (where code_state = 'invalid') as n_faults
    from counted

    union all

    select
        'every open finding is on a list' as check_name,
        count(*) as n_examined,
        count(*) filter (
            where item_id not in (select listed_now.item_id from listed_now)
        ) as n_faults
    from findings_open

    union all

    select
        'every removal that is proven names the files that show it held and gone'
            as check_name,
        count(*) as n_examined,
        count(*) filter (
            where last_held_load_id is null or first_gone_load_id is null
        ) as n_faults
    from counted
    where decision_state = 'removed'

    union all

    select
        'every decision to keep excess or missing access that is in force has a last day to come'
            as check_name,
        count(*) as n_examined,
        count(*) filter (
            where keep_until is null or keep_until < {{ parameter.week }}
        ) as n_faults
    from counted
    where decision_state = 'exception_in_force'

)

select * from checks
order by check_name
