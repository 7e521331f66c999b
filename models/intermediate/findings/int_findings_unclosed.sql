{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

findings as (

    select
        brid,
        application_id,
        finding_type,
        finding_state,
        suspended_reason,
        suspended_since_date,
        n_suspended_days,
        opened_date,
        is_older_than_history,
        last_seen_date,
        reconciliation_reason,
        disposition,
        waiver_id,
        due_date,
        n_times_reopened,
        n_times_waiver_ended,
        is_privileged,
        persona_ids,
        assignment_methods,
        assignment_confidence
    from {{ ref('stg_history__findings') }}
    where as_of_date = {{ previous_date }} and finding_state <> 'closed'

)

select * from findings
