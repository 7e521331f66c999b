-- Access that reviewers decided to remove, with the files that show it held and gone.
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

),

held as (

    -- A registry of several sources has several files a week.
    select
        decisions.decision_id,
        string_agg(loads.file_name, ' + ' order by loads.load_id) as file_names,
        string_agg(loads.file_sha256, ' + ' order by loads.load_id) as file_sha256s
    from decisions
    inner join loads
        on list_contains(string_split(decisions.last_held_load_id, ' + '), loads.load_id)
    group by 1

),

gone as (

    select
        decisions.decision_id,
        string_agg(loads.file_name, ' + ' order by loads.load_id) as file_names,
        string_agg(loads.file_sha256, ' + ' order by loads.load_id) as file_sha256s
    from decisions
    inner join loads
        on list_contains(string_split(decisions.first_gone_load_id, ' + '), loads.load_id)
    group by 1

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
    held.file_names as last_held_file,
    held.file_sha256s as last_held_sha256,
    decisions.first_gone_date,
    decisions.first_gone_load_id,
    gone.file_names as first_gone_file,
    gone.file_sha256s as first_gone_sha256,
    decisions.returned_date,
    decisions.escalated_to_brid,
    decisions.escalated_to_owner_brid
from decisions
left join held on decisions.decision_id = held.decision_id
left join gone on decisions.decision_id = gone.decision_id
order by decisions.item_id, decisions.decision_id
