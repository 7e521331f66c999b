-- The items of all lists of the week.
select
    reviewer_brid,
    reviewer_role,
    item_id,
    item_kind,
    campaign_id,
    brid,
    application_id,
    finding_type,
    reconciliation_reason,
    is_privileged,
    due_date,
    registry_load_id
from marts.fct_review_lists
where as_of_date = {{ parameter.week }}
order by reviewer_brid nulls last, item_id
