select
    cause_rank,
    cause_id,
    cause_kind,
    cause_state,
    risk_level,
    cause_title,
    evidence,
    action_text,
    cause_action,
    action_role,
    action_brid,
    subject_persona_id,
    subject_application_id,
    subject_detail,
    n_findings,
    n_new,
    n_ending,
    n_opening,
    has_patch,
    proposed_persona_id,
    is_new,
    is_grown,
    first_seen_date,
    snoozed_until_date
from reporting.rpt_causes
where as_of_date = {{ parameter.week }} and cause_state <> 'closed'
order by cause_rank
limit {{ parameter.n_most }}
