-- What an answer must be to count. First match wins, as in the table of docs/reviews.md.
{% set of_batch = 'reviewer_brid, item_id, list_week, answered_date, batch' %}

with

answers as (

    select
        *,
        concat_ws(
            '|',
            decision,
            coalesce(cast(keep_until as {{ dbt.type_string() }}), ''),
            coalesce(persona_id, ''),
            coalesce(new_reviewer_brid, '')
        ) as said
    from {{ ref('stg_reviews__answers') }}
    where
        decision is not null
        -- The list of this week is made after it: next week compares this day's answers with it.
        and not coalesce(list_week = answered_date and list_week = {{ as_of_date() }}, false)

),

lists as (

    select * from {{ ref('stg_history__review_lists') }}

),

reviewers_with_list as (

    select
        as_of_date,
        reviewer_brid
    from lists
    group by 1, 2

),

delegates as (

    select * from {{ ref('stg_decisions__review_delegates') }}

),

employees as (

    select
        brid,
        is_employed
    from {{ ref('int_employees') }}

),

personas as (

    select persona_id from {{ ref('int_personas') }}

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

    select distinct
        decided_by,
        answered_date
    from answers

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

),

delegated as (

    -- Whether somebody else was named in time, by the day on which the answer arrived.
    select answers.decision_id
    from answers
    inner join delegates
        on
            answers.reviewer_brid = delegates.reviewer_brid
            and answers.decided_by = delegates.delegate_brid
            and (delegates.valid_from is null or answers.answered_date >= delegates.valid_from)
            and (delegates.valid_to is null or answers.answered_date <= delegates.valid_to)
    group by 1

),

first_checked as (

    select min(answered_date) as checked_since from answers
    where code_state <> 'unchecked'

),

contradicting as (

    -- Two words for one item in one file: nobody can tell which of them was meant.
    select
        load_id,
        reviewer_brid,
        list_week,
        item_id
    from answers
    group by 1, 2, 3, 4
    having min(said) < max(said)

),

looked_up as (

    select
        answers.*,
        case answers.decision when 'attest' then 'attestation' else lists.item_kind end
            as item_kind,
        lists.reviewer_role,
        lists.campaign_id,
        lists.brid,
        lists.application_id,
        lists.finding_type,
        lists.reconciliation_reason,
        coalesce(lists.is_privileged, false) as is_privileged,
        lists.registry_load_id,
        case answers.decision
            when 'attest'
                then
                    answers.item_id = 'attestation'
                    and reviewers_with_list.reviewer_brid is not null
            else lists.item_id is not null
        end as is_on_list,
        -- Once codes were checked, an answer that nobody checked proves nothing.
        coalesce(
            answers.code_state = 'unchecked'
            and answers.answered_date >= first_checked.checked_since,
            false
        ) as is_check_left_out,
        delegated.decision_id is not null as is_delegated,
        deciders_at_work.decided_by is null as has_decider_left,
        contradicting.item_id is not null as is_contradicting,
        personas.persona_id is not null as is_persona_known,
        coalesce(new_reviewers.is_employed, false) as is_new_reviewer_employed
    from answers
    cross join first_checked
    left join lists
        on
            answers.list_week = lists.as_of_date
            and answers.reviewer_brid = lists.reviewer_brid
            and answers.item_id = lists.item_id
    left join reviewers_with_list
        on
            answers.list_week = reviewers_with_list.as_of_date
            and answers.reviewer_brid = reviewers_with_list.reviewer_brid
    left join delegated on answers.decision_id = delegated.decision_id
    left join contradicting
        on
            answers.load_id = contradicting.load_id
            and answers.reviewer_brid = contradicting.reviewer_brid
            and answers.list_week = contradicting.list_week
            and answers.item_id = contradicting.item_id
    left join personas on answers.persona_id = personas.persona_id
    left join employees as new_reviewers on answers.new_reviewer_brid = new_reviewers.brid
    left join deciders_at_work
        on
            answers.decided_by = deciders_at_work.decided_by
            and answers.answered_date = deciders_at_work.answered_date

),

checked as (

    select
        *,
        case
            when code_state = 'invalid' then 'bad_code'
            when is_check_left_out then 'code_not_checked'
            when answered_date < list_week then 'older_than_its_list'
            when not is_on_list then 'not_on_the_list'
            when decided_by = brid then 'self_review'
            when decided_by <> reviewer_brid and not is_delegated then 'not_the_reviewer'
            when has_decider_left then 'decider_has_left'
            when is_contradicting then 'contradicts_itself'
            when decision = 'revoke' and finding_type = 'missing' then 'nothing_to_revoke'
            when decision = 'keep' and item_kind = 'finding' and decision_reason is null
                then 'reason_missing'
            when decision = 'keep' and item_kind = 'finding' and keep_until is null
                then 'end_missing'
            when decision = 'keep' and keep_until <= answered_date then 'end_in_the_past'
            when decision = 'wrong_persona' and not is_persona_known then 'persona_unknown'
            when
                decision = 'not_mine'
                and (
                    not is_new_reviewer_employed
                    or new_reviewer_brid = reviewer_brid
                    or new_reviewer_brid = brid
                )
                then 'new_reviewer_unusable'
        end as rejection_reason
    from looked_up

),

hand_overs as (

    -- Who said of an item that it is not theirs, in the order in which they did.
    select
        item_id,
        reviewer_brid,
        row_number() over (
            partition by item_id order by min(answered_date), min(version), min(row_number)
        ) as place
    from checked
    where rejection_reason is null and decision = 'not_mine'
    group by 1, 2

),

handed_in_vain as (

    -- An item ends with somebody: it goes on so many times, and never back.
    select
        checked.decision_id,
        case
            when hand_overs.place > {{ var('reassignments_allowed') }} then 'handed_on_too_often'
            else 'new_reviewer_unusable'
        end as rejection_reason
    from checked
    inner join hand_overs
        on
            checked.item_id = hand_overs.item_id
            and checked.reviewer_brid = hand_overs.reviewer_brid
    left join hand_overs as refusals
        on
            checked.item_id = refusals.item_id
            and checked.new_reviewer_brid = refusals.reviewer_brid
    where
        checked.rejection_reason is null
        and checked.decision = 'not_mine'
        and (
            hand_overs.place > {{ var('reassignments_allowed') }}
            or refusals.place < hand_overs.place
        )

),

items_answered_again as (

    -- Most items are answered once: only the others have an order to find.
    select
        reviewer_brid,
        item_id
    from checked
    where rejection_reason is null
    group by 1, 2
    having count(*) > 1

),

answered_again as (

    select
        checked.decision_id,
        checked.reviewer_brid,
        checked.item_id,
        checked.decision,
        checked.decision_reason,
        checked.keep_until,
        checked.persona_id,
        checked.new_reviewer_brid,
        checked.decided_by,
        checked.decided_at,
        checked.said,
        checked.list_week,
        checked.answered_date,
        checked.version,
        checked.row_number,
        checked.batch,
        -- No answer is made before its list or after it came: another clock says nothing. Zones
        -- differ by a day.
        case
            when
                cast(checked.decided_at as date)
                <= cast({{ dbt.dateadd('day', 1, 'checked.answered_date') }} as date)
                and cast(checked.decided_at as date)
                >= cast({{ dbt.dateadd('day', -1, 'checked.list_week') }} as date)
                then checked.decided_at
        end as told_at
    from checked
    inner join items_answered_again
        on
            checked.reviewer_brid = items_answered_again.reviewer_brid
            and checked.item_id = items_answered_again.item_id
    where checked.rejection_reason is null

),

told as (

    select
        *,
        row_number() over (
            partition by
                reviewer_brid, item_id, list_week, said, decision_reason, decided_by, decided_at
            order by answered_date, version, row_number
        ) as telling
    from answered_again

),

timed as (

    -- Times compare only where every answer to the item on that list has one.
    select
        *,
        case
            when
                count(*)
                    over (
                        partition by
                            reviewer_brid,
                            item_id,
                            list_week,
                            case when telling > 1 then 1 else 0 end
                    )
                = count(told_at) over (
                    partition by
                        reviewer_brid, item_id, list_week, case when telling > 1 then 1 else 0 end
                )
                then told_at
        end as made_at
    from told

),

compared as (

    -- Files of one date that came together say nothing of which was written last, but for times.
    select
        *,
        max(version) over (partition by {{ of_batch }}) as arrival,
        coalesce(
            min(case when telling = 1 then said end) over (partition by {{ of_batch }})
            < max(case when telling = 1 then said end) over (partition by {{ of_batch }})
            and count(case when telling = 1 then told_at end) over (partition by {{ of_batch }})
            < count(case when telling = 1 then said end) over (partition by {{ of_batch }})
            or min(case when telling = 1 then said end) over (partition by {{ of_batch }}, told_at)
            < max(case when telling = 1 then said end) over (partition by {{ of_batch }}, told_at),
            false
        ) as is_contested
    from timed

),

repetitions as (

    -- A line that came before, word for word, says nothing new: a file that is sent again, in
    -- whatever order or format, never undoes what was answered since.
    select
        *,
        row_number() over (
            partition by
                reviewer_brid, item_id, list_week, said, decision_reason, decided_by, decided_at,
                is_contested
            order by answered_date, version, row_number
        ) > 1 as is_repeated
    from compared

),

ranked as (

    -- By list: an old list that is answered late never undoes a newer one. Then by when each was
    -- made, or else by arrival.
    select
        repetitions.decision_id,
        repetitions.is_contested,
        repetitions.is_repeated,
        row_number() over (
            partition by repetitions.reviewer_brid, repetitions.item_id
            order by
                case
                    when repetitions.is_contested then 3
                    when handed_in_vain.decision_id is not null then 2
                    when repetitions.is_repeated then 1
                    else 0
                end,
                repetitions.list_week desc,
                repetitions.made_at desc,
                repetitions.answered_date desc,
                repetitions.arrival desc,
                repetitions.told_at desc,
                repetitions.version desc,
                repetitions.row_number desc
        ) as recency,
        min(repetitions.answered_date) over (
            partition by
                repetitions.reviewer_brid, repetitions.item_id, repetitions.decision,
                repetitions.is_contested
        ) as first_answered_date
    from repetitions
    left join handed_in_vain on repetitions.decision_id = handed_in_vain.decision_id

),

decided as (

    select
        checked.*,
        case
            when checked.rejection_reason is not null then checked.rejection_reason
            when ranked.is_contested then 'contradicts_another_file'
            else handed_in_vain.rejection_reason
        end as final_reason,
        coalesce(ranked.recency, 1) as recency,
        coalesce(ranked.is_repeated, false) as is_repeated,
        coalesce(ranked.first_answered_date, checked.answered_date) as first_answered_date
    from checked
    left join ranked on checked.decision_id = ranked.decision_id
    left join handed_in_vain on checked.decision_id = handed_in_vain.decision_id

),

described as (

    select
        decision_id,
        load_id,
        file_name,
        row_number,
        answered_date,
        item_id,
        item_kind,
        campaign_id,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        is_privileged,
        list_week,
        registry_load_id,
        reviewer_brid,
        reviewer_role,
        decided_by,
        decided_at,
        decision,
        decision_reason,
        keep_until,
        persona_id,
        new_reviewer_brid,
        code_state,
        final_reason as rejection_reason,
        case when final_reason is null then first_answered_date end as first_answered_date,
        final_reason is null and is_repeated as is_repeated,
        final_reason is null and recency = 1 as is_newest
    from decided

)

select * from described
