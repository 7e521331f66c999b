-- What an answer must be to count. First match wins, as in the table of docs/reviews.md.
with

answers as (

    select * from {{ ref('stg_reviews__answers') }}
    where decision is not null

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
        is_employed,
        termination_date
    from {{ ref('int_employees') }}

),

personas as (

    select persona_id from {{ ref('int_personas') }}

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
    having
        count(distinct decision) > 1
        or count(distinct coalesce(cast(keep_until as {{ dbt.type_string() }}), '')) > 1
        or count(distinct coalesce(persona_id, '')) > 1
        or count(distinct coalesce(new_reviewer_brid, '')) > 1

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
        coalesce(deciders.termination_date < answers.answered_date, false) as has_decider_left,
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
    left join employees as deciders on answers.decided_by = deciders.brid

),

checked as (

    select
        *,
        case
            when code_state = 'invalid' then 'bad_code'
            when is_check_left_out then 'code_not_checked'
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

repetitions as (

    -- A line that came before, word for word, says nothing new: a file that is sent again, in
    -- whatever order or format, never undoes what was answered since.
    select
        decision_id,
        reviewer_brid,
        item_id,
        decision,
        list_week,
        answered_date,
        version,
        row_number,
        -- No answer is made after it came: another clock says nothing. Zones differ by a day.
        case
            when
                cast(decided_at as date)
                <= cast({{ dbt.dateadd('day', 1, 'answered_date') }} as date)
                then decided_at
        end as decided_at,
        row_number() over (
            partition by
                reviewer_brid, item_id, list_week, decision, decision_reason, keep_until,
                persona_id, new_reviewer_brid, decided_by, decided_at
            order by answered_date, version, row_number
        ) > 1 as is_repeated
    from checked
    where rejection_reason is null

),

timed as (

    -- Times compare only where every answer to the item on that list has one.
    select
        *,
        case
            when
                count(*) over (partition by reviewer_brid, item_id, list_week, is_repeated)
                = count(decided_at)
                    over (partition by reviewer_brid, item_id, list_week, is_repeated)
                then decided_at
        end as made_at
    from repetitions

),

ranked as (

    -- By list: an old list that is answered late never undoes a newer one. Then by when each was
    -- made, or else by arrival.
    select
        decision_id,
        is_repeated,
        row_number() over (
            partition by reviewer_brid, item_id
            order by
                case when is_repeated then 1 else 0 end,
                list_week desc,
                made_at desc,
                answered_date desc,
                version desc,
                row_number desc
        ) as recency,
        min(answered_date) over (
            partition by reviewer_brid, item_id, decision
        ) as first_answered_date
    from timed

),

described as (

    select
        checked.decision_id,
        checked.load_id,
        checked.file_name,
        checked.row_number,
        checked.answered_date,
        checked.item_id,
        checked.item_kind,
        checked.campaign_id,
        checked.brid,
        checked.application_id,
        checked.finding_type,
        checked.reconciliation_reason,
        checked.is_privileged,
        checked.list_week,
        checked.registry_load_id,
        checked.reviewer_brid,
        checked.reviewer_role,
        checked.decided_by,
        checked.decided_at,
        checked.decision,
        checked.decision_reason,
        checked.keep_until,
        checked.persona_id,
        checked.new_reviewer_brid,
        checked.code_state,
        checked.rejection_reason,
        ranked.first_answered_date,
        coalesce(ranked.is_repeated, false) as is_repeated,
        coalesce(ranked.recency = 1, false) as is_newest
    from checked
    left join ranked on checked.decision_id = ranked.decision_id

)

select * from described
