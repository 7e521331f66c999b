-- All answers of reviewers, also rejected ones.
select
    decision_id,
    item_id,
    item_kind,
    campaign_id,
    brid,
    application_id,
    list_week,
    reviewer_brid,
    reviewer_role,
    decided_by,
    answered_date,
    decided_at,
    decision,
    decision_reason,
    keep_until,
    persona_id,
    new_reviewer_brid,
    code_state,
    decision_state,
    state_reason,
    file_name,
    row_number
from marts.fct_review_decisions
where as_of_date = {{ parameter.week }}
order by answered_date, decision_id
