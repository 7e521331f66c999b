-- The items to check, compared with the previous lists, the worst first.
with

items as (

    select
        recipient_brid,
        recipient_role,
        recipient_name,
        recipient_email,
        reviewer_brid,
        reviewer_name,
        delegated_from,
        delegated_to,
        as_of_date,
        item_id,
        item_kind,
        campaign_id,
        finding_id,
        risk_level,
        brid,
        full_name,
        application_id,
        application_name,
        finding_type,
        reconciliation_reason,
        orphan_detail,
        days_since_end,
        persona_ids,
        peer_persona_id,
        n_peer_holders,
        n_peers,
        cause_id,
        cause_rank,
        cause_title,
        opened_date,
        age_days,
        due_date,
        is_overdue,
        n_times_reopened,
        n_times_waiver_ended,
        is_privileged,
        granted_date,
        last_used_date,
        decision,
        decision_state,
        answered_date,
        rejected_decision,
        rejection_reason,
        rejected_date
    from {{ part.items }}

),

known as (

    select
        item_id,
        recipient_brid,
        reviewer_brid,
        is_overdue
    from {{ part.known }}

),

compared as (

    select
        items.*,
        case
            -- An item that was answered but not resolved is asked again.
            when
                items.decision_state in (
                    'still_held', 'returned', 'exception_contradicted', 'exception_expired',
                    -- The person to whom it was handed has left.
                    'reassigned'
                )
                or items.rejection_reason is not null
                then 'again'
            when items.decision is not null then null
            when known.item_id is null then 'new'
            when items.is_overdue and not known.is_overdue then 'overdue'
        end as listed_as
    from items
    left join known
        on
            items.item_id = known.item_id
            and items.recipient_brid is not distinct from known.recipient_brid
            and items.reviewer_brid is not distinct from known.reviewer_brid

)

-- At equal rank, late items come first, then items with a common cause together, then by due date,
-- then access that the fewest peers have.
select * from compared
order by
    recipient_brid nulls last,
    {{ part.worst_first }} nulls last,
    is_overdue desc,
    cause_rank nulls last,
    due_date nulls last,
    cast(n_peer_holders as double) / nullif(n_peers, 0) nulls first,
    opened_date,
    brid,
    application_id,
    item_id
