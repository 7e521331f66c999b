with

answers as (

    select * from {{ ref('int_answers_compared') }}

),

rejected_hand_overs as (

    select * from {{ ref('int_hand_overs_rejected') }}

),

repetitions as (

    -- A line that is identical to an earlier one says nothing new: a file that is sent again, in
    -- any order or format, never undoes a later answer.
    select
        *,
        row_number() over (
            partition by
                reviewer_brid, item_id, list_week, said, decision_reason, decided_by, decided_at,
                is_contested
            order by answered_date, version, row_number
        ) > 1 as is_repeated
    from answers

),

ranked as (

    -- By list: a late answer to an old list never undoes an answer to a newer one. Then by the time
    -- of the answer, or else by arrival.
    select
        repetitions.decision_id,
        repetitions.is_contested,
        repetitions.is_repeated,
        row_number() over (
            partition by repetitions.reviewer_brid, repetitions.item_id
            order by
                case
                    when repetitions.is_contested then 3
                    when rejected_hand_overs.decision_id is not null then 2
                    when repetitions.is_repeated then 1
                    else 0
                end,
                repetitions.list_week desc,
                repetitions.made_at desc nulls last,
                repetitions.answered_date desc,
                repetitions.arrival desc,
                repetitions.told_at desc nulls last,
                repetitions.version desc,
                repetitions.row_number desc
        ) as recency,
        min(repetitions.answered_date) over (
            partition by
                repetitions.reviewer_brid, repetitions.item_id, repetitions.decision,
                repetitions.is_contested
        ) as first_answered_date
    from repetitions
    left join rejected_hand_overs on repetitions.decision_id = rejected_hand_overs.decision_id

)

select * from ranked
