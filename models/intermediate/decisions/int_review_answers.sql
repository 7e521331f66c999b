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
        is_employed
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
        or count(distinct keep_until) > 1
        or count(distinct persona_id) > 1
        or count(distinct new_reviewer_brid) > 1

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
            when 'attest' then reviewers_with_list.reviewer_brid is not null
            else lists.item_id is not null
        end as is_on_list,
        delegated.decision_id is not null as is_delegated,
        contradicting.item_id is not null as is_contradicting,
        personas.persona_id is not null as is_persona_known,
        coalesce(new_reviewers.is_employed, false) as is_new_reviewer_employed
    from answers
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

),

checked as (

    select
        *,
        case
            when code_state = 'invalid' then 'bad_code'
            when not is_on_list then 'not_on_the_list'
            when decided_by = brid then 'self_review'
            when decided_by <> reviewer_brid and not is_delegated then 'not_the_reviewer'
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

ranked as (

    -- By list, then by arrival: an old list that is sent again never undoes a newer one.
    select
        decision_id,
        rank() over (
            partition by reviewer_brid, item_id
            order by list_week desc, answered_date desc, version desc, row_number desc
        ) as recency,
        min(answered_date) over (
            partition by reviewer_brid, item_id, decision
        ) as first_answered_date
    from checked
    where rejection_reason is null

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
        coalesce(ranked.recency = 1, false) as is_newest
    from checked
    left join ranked on checked.decision_id = ranked.decision_id

)

select * from described
