{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

answers as (

    select * from {{ ref('int_review_answers') }}

),

previous_week as (

    select
        decision_id,
        decision_state,
        last_held_date,
        last_held_load_id,
        first_gone_date,
        first_gone_load_id,
        returned_date
    from {{ this }}
    where as_of_date = {{ previous_date }}

),

exceptions as (

    select
        decision_id,
        exception_state,
        state_reason,
        approved_by,
        valid_to
    from {{ ref('int_decided_exceptions') }}

),

access as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        is_granted
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

applications_reported as (

    select application_id from {{ ref('int_applications_reported') }}

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

{{ registry_extracts() }},

seen as (

    -- Only a fresh extract that names the application is evidence that access is gone.
    select
        answers.*,
        answers.is_newest and answers.decision = 'revoke' as is_removal,
        cast(
            {{ dbt.dateadd('day', var('revocation_days'), 'answers.first_answered_date') }} as date
        ) as removal_due_date,
        case
            when access.reconciliation_reason = 'grant_row_quarantined' then 'unknown'
            when access.is_granted then 'held'
            when applications_reported.application_id is not null then 'gone'
            else 'unknown'
        end as seen_as,
        coalesce(access.reconciliation_status = 'match', false) as is_right_now,
        coalesce(
            access.reconciliation_status in ('missing', 'excess')
            and (
                answers.finding_type <> access.reconciliation_status
                or answers.finding_type = 'excess'
                and answers.reconciliation_reason <> access.reconciliation_reason
            ),
            false
        ) as is_finding_changed,
        previous_week.decision_state as previous_state,
        previous_week.last_held_date as previous_held_date,
        previous_week.last_held_load_id as previous_held_load_id,
        previous_week.first_gone_date as previous_gone_date,
        previous_week.first_gone_load_id as previous_gone_load_id,
        previous_week.returned_date as previous_returned_date,
        exceptions.exception_state,
        exceptions.state_reason,
        exceptions.approved_by,
        exceptions.valid_to,
        extracts.load_id as this_load_id
    from answers
    left join previous_week on answers.decision_id = previous_week.decision_id
    left join exceptions on answers.decision_id = exceptions.decision_id
    left join access
        on
            answers.brid = access.brid
            and answers.application_id = access.application_id
    left join applications_reported
        on answers.application_id = applications_reported.application_id
    cross join extracts

),

decided as (

    select
        *,
        case
            when rejection_reason is not null then 'rejected'
            when not is_newest then 'superseded'
            when decision = 'attest' then 'attested'
            when decision = 'not_mine' then 'reassigned'
            when decision = 'wrong_persona' then 'persona_disputed'
            when decision = 'keep' and exception_state is null then 'confirmed'
            when decision = 'keep' and exception_state = 'awaiting_approval'
                then 'awaiting_approval'
            when decision = 'keep' and exception_state = 'in_force' and is_finding_changed
                then 'exception_contradicted'
            when decision = 'keep' then concat_ws('_', 'exception', exception_state)
            when item_kind = 'finding' and seen_as = 'held' and is_right_now then 'superseded'
            when seen_as = 'gone' then 'removed'
            when seen_as = 'unknown' and previous_state in ('removed', 'returned')
                then previous_state
            when seen_as = 'held' and previous_gone_date is not null then 'returned'
            when removal_due_date < {{ as_of_date() }} then 'still_held'
            else 'removal_requested'
        end as decision_state
    from seen

),

proven as (

    select
        *,
        case
            when not is_removal then null
            when seen_as = 'held' then {{ as_of_date() }}
            else coalesce(previous_held_date, list_week)
        end as last_held_date,
        case
            when not is_removal then null
            when seen_as = 'held' then this_load_id
            else coalesce(previous_held_load_id, registry_load_id)
        end as last_held_load_id,
        case
            when not is_removal then null
            when seen_as = 'gone' and coalesce(previous_state, '') <> 'removed'
                then {{ as_of_date() }}
            else previous_gone_date
        end as first_gone_date,
        case
            when not is_removal then null
            when seen_as = 'gone' and coalesce(previous_state, '') <> 'removed'
                then this_load_id
            else previous_gone_load_id
        end as first_gone_load_id,
        case
            when decision_state = 'returned'
                then coalesce(previous_returned_date, {{ as_of_date() }})
            else previous_returned_date
        end as returned_date
    from decided

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        proven.decision_id,
        proven.item_id,
        proven.item_kind,
        proven.campaign_id,
        proven.brid,
        proven.application_id,
        proven.finding_type,
        proven.list_week,
        proven.reviewer_brid,
        proven.reviewer_role,
        proven.decided_by,
        proven.decided_at,
        proven.answered_date,
        proven.decision,
        proven.decision_reason,
        proven.keep_until,
        proven.approved_by as exception_approved_by,
        proven.valid_to as exception_valid_to,
        proven.persona_id,
        proven.new_reviewer_brid,
        proven.code_state,
        proven.decision_state,
        case
            when proven.rejection_reason is not null then proven.rejection_reason
            when proven.is_repeated then 'repeated_answer'
            when proven.decision_state = 'superseded' and not proven.is_newest then 'newer_answer'
            when proven.decision_state = 'superseded' then 'access_became_expected'
            when proven.exception_state = 'in_force' and proven.is_finding_changed
                then 'finding_changed'
            else proven.state_reason
        end as state_reason,
        case when proven.is_removal then proven.removal_due_date end as removal_due_date,
        proven.last_held_date,
        proven.last_held_load_id,
        proven.first_gone_date,
        proven.first_gone_load_id,
        proven.returned_date,
        case
            when proven.decision_state in ('still_held', 'returned')
                then reviewer_managers.reviewer_brid
        end as escalated_to_brid,
        case
            when proven.decision_state in ('still_held', 'returned')
                then application_reviewers.reviewer_brid
        end as escalated_to_owner_brid,
        proven.load_id,
        proven.file_name,
        proven.row_number
    from proven
    left join reviewer_managers on proven.reviewer_brid = reviewer_managers.brid
    left join application_reviewers on proven.application_id = application_reviewers.application_id

)

select * from described
