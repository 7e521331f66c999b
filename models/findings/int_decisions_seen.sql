with

answers as (

    select * from {{ ref('int_review_answers') }}

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

{{ registry_extracts() }},

seen as (

    -- Only a fresh extract that names the application is evidence that access is gone.
    select
        answers.decision_id,
        answers.item_kind,
        answers.decision,
        answers.list_week,
        answers.registry_load_id,
        answers.rejection_reason,
        answers.is_newest,
        answers.is_repeated,
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
        exceptions.exception_state,
        exceptions.state_reason as exception_reason,
        exceptions.approved_by as exception_approved_by,
        exceptions.valid_to as exception_valid_to,
        extracts.load_id as this_load_id
    from answers
    left join exceptions on answers.decision_id = exceptions.decision_id
    left join access
        on
            answers.brid = access.brid
            and answers.application_id = access.application_id
    left join applications_reported
        on answers.application_id = applications_reported.application_id
    cross join extracts

)

select * from seen
