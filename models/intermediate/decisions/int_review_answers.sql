with

answers as (

    select * from {{ ref('int_answers_checked') }}

),

rejected_hand_overs as (

    select * from {{ ref('int_hand_overs_rejected') }}

),

ranked as (

    select * from {{ ref('int_answers_ranked') }}

),

decided as (

    select
        answers.*,
        case
            when answers.rejection_reason is not null then answers.rejection_reason
            when ranked.is_contested then 'contradicts_another_file'
            else rejected_hand_overs.rejection_reason
        end as final_reason,
        coalesce(ranked.recency, 1) as recency,
        coalesce(ranked.is_repeated, false) as is_repeated_line,
        coalesce(ranked.first_answered_date, answers.answered_date) as first_date
    from answers
    left join ranked on answers.decision_id = ranked.decision_id
    left join rejected_hand_overs on answers.decision_id = rejected_hand_overs.decision_id

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
        case when final_reason is null then first_date end as first_answered_date,
        final_reason is null and is_repeated_line as is_repeated,
        final_reason is null and recency = 1 as is_newest
    from decided

)

select * from described
