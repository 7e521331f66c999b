-- The certifications, by reviewer.
select
    campaign_id,
    campaign_kind,
    reviewer_brid,
    started_date,
    due_date,
    n_items,
    n_decided,
    n_overdue,
    n_revoked,
    n_kept,
    n_disputed,
    n_reassigned,
    n_rubber_stamped,
    last_answered_date,
    attested_date
from marts.fct_review_campaigns
where as_of_date = {{ parameter.week }}
order by campaign_id, reviewer_brid nulls last
