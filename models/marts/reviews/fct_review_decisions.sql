with

answers as (

    select * from {{ ref('int_review_answers') }}

),

followed as (

    select * from {{ ref('int_decisions_followed') }}

),

application_reviewers as (

    select * from {{ ref('int_application_reviewers') }}

),

reviewer_managers as (

    select
        brid,
        reviewer_brid
    from {{ ref('int_employee_reviewers') }}

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        answers.decision_id,
        answers.item_id,
        answers.item_kind,
        answers.campaign_id,
        answers.brid,
        answers.application_id,
        answers.finding_type,
        answers.list_week,
        answers.reviewer_brid,
        answers.reviewer_role,
        answers.decided_by,
        answers.decided_at,
        answers.answered_date,
        answers.decision,
        answers.decision_reason,
        answers.keep_until,
        followed.exception_approved_by,
        followed.exception_valid_to,
        answers.persona_id,
        answers.new_reviewer_brid,
        answers.code_state,
        followed.decision_state,
        followed.state_reason,
        followed.removal_due_date,
        followed.last_held_date,
        followed.last_held_load_id,
        followed.first_gone_date,
        followed.first_gone_load_id,
        followed.returned_date,
        case
            when followed.decision_state in ('still_held', 'returned')
                then reviewer_managers.reviewer_brid
        end as escalated_to_brid,
        case
            when followed.decision_state in ('still_held', 'returned')
                then application_reviewers.reviewer_brid
        end as escalated_to_owner_brid,
        answers.load_id,
        answers.file_name,
        answers.row_number
    from answers
    inner join followed on answers.decision_id = followed.decision_id
    left join reviewer_managers on answers.reviewer_brid = reviewer_managers.brid
    left join application_reviewers
        on answers.application_id = application_reviewers.application_id

)

select * from described
