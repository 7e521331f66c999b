{% set of_batch = 'reviewer_brid, item_id, list_week, answered_date, batch' %}

with

answers as (

    select * from {{ ref('int_answers_checked') }}
    where rejection_reason is null

),

items_answered_again as (

    -- Most items are answered once: only the others need an order.
    select
        reviewer_brid,
        item_id
    from answers
    group by 1, 2
    having count(*) > 1

),

told as (

    select
        answers.*,
        -- No answer is made before its list or after its arrival: such a time is ignored. Time
        -- zones can differ by a day.
        case
            when
                cast(answers.decided_at as date)
                <= cast({{ dbt.dateadd('day', 1, 'answers.answered_date') }} as date)
                and cast(answers.decided_at as date)
                >= cast({{ dbt.dateadd('day', -1, 'answers.list_week') }} as date)
                then answers.decided_at
        end as told_at,
        row_number() over (
            partition by
                answers.reviewer_brid,
                answers.item_id,
                answers.list_week,
                answers.said,
                answers.decision_reason,
                answers.decided_by,
                answers.decided_at
            order by answers.answered_date, answers.version, answers.row_number
        ) as telling
    from answers
    inner join items_answered_again
        on
            answers.reviewer_brid = items_answered_again.reviewer_brid
            and answers.item_id = items_answered_again.item_id

),

timed as (

    -- Times are compared only if every answer to the item on that list has one.
    select
        *,
        case
            when
                count(case when told_at is null and telling = 1 then 1 end)
                    over (partition by reviewer_brid, item_id, list_week)
                = 0
                then told_at
        end as made_at
    from told

),

compared as (

    -- For files of one date that arrived together, only times show which was written last.
    select
        decision_id,
        answered_date,
        version,
        row_number,
        item_id,
        list_week,
        reviewer_brid,
        decision,
        decision_reason,
        decided_by,
        decided_at,
        said,
        told_at,
        telling,
        made_at,
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

)

select * from compared
