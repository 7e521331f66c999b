with

removals as (

    select *
    from {{ ref('fct_review_decisions') }}
    where
        as_of_date = {{ as_of_date() }}
        and decision_state in ('removal_requested', 'still_held', 'returned', 'removed')

),

tickets as (

    select * from {{ ref('int_tickets') }}

),

ranked as (

    -- Two reviewers who revoke the same access make one request, dated by the first of them.
    select
        *,
        row_number() over (
            partition by item_id order by answered_date, decision_id
        ) as request_rank,
        count(*) over (partition by item_id) as n_decisions
    from removals

),

requested as (

    select
        ranked.as_of_date,
        ranked.item_id as request_id,
        ranked.brid,
        ranked.application_id,
        ranked.decision_state as request_state,
        ranked.decision_state <> 'removed' as is_open,
        ranked.answered_date as requested_date,
        ranked.removal_due_date as due_date,
        ranked.decided_by as requested_by,
        ranked.decision_reason,
        cast(ranked.n_decisions as {{ dbt.type_int() }}) as n_decisions,
        ranked.last_held_date,
        ranked.last_held_load_id,
        ranked.first_gone_date,
        ranked.first_gone_load_id,
        ranked.returned_date,
        ranked.escalated_to_brid,
        ranked.escalated_to_owner_brid,
        tickets.ticket_number,
        tickets.ticket_state,
        tickets.ticket_date
    from ranked
    left join tickets on ranked.item_id = tickets.item_id
    where ranked.request_rank = 1

)

select * from requested
