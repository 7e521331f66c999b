-- Access that reviewers decided to remove, with the two files that show it held and gone.
with

decisions as (

    select * from marts.fct_review_decisions
    where
        as_of_date = {{ parameter.week }}
        and decision_state in ('removal_requested', 'still_held', 'returned', 'removed')

),

loads as (

    select
        load_id,
        file_name,
        file_sha256
    from raw.load_ledger

)

select
    decisions.item_id,
    decisions.brid,
    decisions.application_id,
    decisions.reviewer_brid,
    decisions.decided_by,
    decisions.answered_date,
    decisions.decision_state,
    decisions.removal_due_date,
    decisions.last_held_date,
    decisions.last_held_load_id,
    held.file_name as last_held_file,
    held.file_sha256 as last_held_sha256,
    decisions.first_gone_date,
    decisions.first_gone_load_id,
    gone.file_name as first_gone_file,
    gone.file_sha256 as first_gone_sha256,
    decisions.returned_date,
    decisions.escalated_to_brid,
    decisions.escalated_to_owner_brid
from decisions
left join loads as held on decisions.last_held_load_id = held.load_id
left join loads as gone on decisions.first_gone_load_id = gone.load_id
order by decisions.item_id, decisions.decision_id
