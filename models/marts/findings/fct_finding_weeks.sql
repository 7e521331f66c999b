with

followed as (

    select * from {{ ref('int_findings_followed') }}

),

employee_reviewers as (

    select
        brid,
        reviewer_brid,
        reviewer_role
    from {{ ref('int_employee_reviewers') }}

),

application_reviewers as (

    select
        application_id,
        reviewer_brid
    from {{ ref('int_application_reviewers') }}

),

reviewed as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.brid,
        followed.application_id,
        followed.finding_type,
        followed.finding_state,
        followed.suspended_reason,
        followed.suspended_since_date,
        cast(followed.n_suspended_days as {{ dbt.type_int() }}) as n_suspended_days,
        followed.opened_date,
        followed.is_older_than_history,
        followed.last_seen_date,
        case when followed.finding_state = 'closed' then {{ as_of_date() }} end as closed_date,
        cast(
            {{ dbt.datediff('followed.opened_date', as_of_date(), 'day') }}
            - followed.n_suspended_days as {{ dbt.type_int() }}
        ) as age_days,
        followed.reconciliation_reason,
        followed.disposition,
        followed.waiver_id,
        followed.due_date,
        coalesce(
            followed.finding_state = 'open'
            and followed.disposition = 'open'
            and followed.due_date < {{ as_of_date() }},
            false
        ) as is_overdue,
        cast(followed.n_times_reopened as {{ dbt.type_int() }}) as n_times_reopened,
        cast(followed.n_times_waiver_ended as {{ dbt.type_int() }}) as n_times_waiver_ended,
        followed.is_privileged,
        followed.persona_ids,
        followed.assignment_methods,
        followed.assignment_confidence,
        coalesce(employee_reviewers.reviewer_brid, application_reviewers.reviewer_brid)
            as reviewer_brid,
        coalesce(
            employee_reviewers.reviewer_role,
            case when application_reviewers.reviewer_brid is not null then 'application_owner' end
        ) as reviewer_role
    from followed
    left join employee_reviewers on followed.brid = employee_reviewers.brid
    -- Nobody reviews their own access.
    left join application_reviewers
        on
            followed.application_id = application_reviewers.application_id
            and followed.brid <> application_reviewers.reviewer_brid

),

ordered as (

    -- In this order, queries for the closed findings of all weeks need not read the others.
    select * from reviewed
    order by finding_state, brid, application_id

)

select * from ordered
