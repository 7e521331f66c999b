with

answers as (

    select
        item_id,
        reviewer_brid,
        decision_id,
        decision,
        decision_state,
        state_reason,
        answered_date
    from {{ ref('fct_review_decisions') }}
    where as_of_date = {{ as_of_date() }}

),

counting as (

    select
        item_id,
        reviewer_brid,
        decision,
        decision_state,
        answered_date
    from answers
    where
        decision_state <> 'rejected'
        and coalesce(state_reason, '') not in ('newer_answer', 'repeated_answer')

),

rejections as (

    select
        item_id,
        reviewer_brid,
        decision,
        state_reason,
        answered_date,
        row_number() over (
            partition by item_id, reviewer_brid order by answered_date desc, decision_id desc
        ) as recency
    from answers
    where decision_state = 'rejected'

),

newest_rejections as (

    select
        item_id,
        reviewer_brid,
        decision,
        state_reason,
        answered_date
    from rejections
    where recency = 1

),

compared as (

    select
        coalesce(counting.item_id, newest_rejections.item_id) as item_id,
        coalesce(counting.reviewer_brid, newest_rejections.reviewer_brid) as reviewer_brid,
        counting.decision,
        counting.decision_state,
        counting.answered_date,
        newest_rejections.decision as rejected_decision,
        newest_rejections.state_reason as rejection_reason,
        newest_rejections.answered_date as rejected_date,
        -- A later answer that counts has corrected it.
        counting.answered_date > newest_rejections.answered_date as is_put_right
    from counting
    full join newest_rejections
        on
            counting.item_id = newest_rejections.item_id
            and counting.reviewer_brid = newest_rejections.reviewer_brid

),

described as (

    select
        item_id,
        reviewer_brid,
        decision,
        decision_state,
        answered_date,
        case when is_put_right then null else rejected_decision end as rejected_decision,
        case when is_put_right then null else rejection_reason end as rejection_reason,
        case when is_put_right then null else rejected_date end as rejected_date
    from compared

)

select * from described
