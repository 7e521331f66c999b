-- Every item ends with one person: it can be handed on a limited number of times, and never back.
with

answers as (

    select * from {{ ref('int_answers_checked') }}
    where rejection_reason is null and decision = 'not_mine'

),

hand_overs as (

    -- The reviewers who handed on an item, in that order.
    select
        item_id,
        reviewer_brid,
        row_number() over (
            partition by item_id order by min(answered_date), min(version), min(row_number)
        ) as place
    from answers
    group by 1, 2

),

rejected_hand_overs as (

    select
        answers.decision_id,
        case
            when hand_overs.place > {{ var('reassignments_allowed') }} then 'handed_on_too_often'
            else 'new_reviewer_unusable'
        end as rejection_reason
    from answers
    inner join hand_overs
        on
            answers.item_id = hand_overs.item_id
            and answers.reviewer_brid = hand_overs.reviewer_brid
    left join hand_overs as refusals
        on
            answers.item_id = refusals.item_id
            and answers.new_reviewer_brid = refusals.reviewer_brid
    where
        hand_overs.place > {{ var('reassignments_allowed') }}
        or refusals.place < hand_overs.place

)

select * from rejected_hand_overs
