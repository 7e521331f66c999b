-- Every privileged access that is held, expected or not, with the answers of reviewers.
with

access as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        disposition,
        granted_date,
        last_used_date
    from marts.fct_access_reconciliation
    where as_of_date = {{ parameter.week }} and is_granted and is_privileged

),

listed as (

    select
        brid,
        application_id,
        string_agg(distinct coalesce(reviewer_brid, 'nobody'), ' + ') as reviewers
    from marts.fct_review_lists
    where as_of_date = {{ parameter.week }}
    group by 1, 2

),

decided as (

    select
        brid,
        application_id,
        max_by(decision, (list_week, answered_date, decision_id)) as newest_decision,
        max_by(decision_state, (list_week, answered_date, decision_id)) as decision_state,
        max_by(decided_by, (list_week, answered_date, decision_id)) as decided_by,
        max_by(answered_date, (list_week, answered_date, decision_id)) as answered_date
    from marts.fct_review_decisions
    where
        as_of_date = {{ parameter.week }}
        and decision_state not in ('rejected', 'superseded')
    group by 1, 2

)

select
    access.*,
    listed.reviewers,
    decided.newest_decision,
    decided.decision_state,
    decided.decided_by,
    decided.answered_date
from access
left join listed on access.brid = listed.brid and access.application_id = listed.application_id
left join decided on access.brid = decided.brid and access.application_id = decided.application_id
order by access.brid, access.application_id
