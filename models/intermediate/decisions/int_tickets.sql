with

answers as (

    -- A reviewer's answer has a code for the item only, and no state of a ticket.
    select * from {{ ref('stg_reviews__answers') }}
    where decision is null and (ticket_number is not null or ticket_state is not null)

),

ranked as (

    select
        item_id,
        ticket_number,
        ticket_state,
        answered_date as ticket_date,
        row_number() over (
            partition by item_id order by answered_date desc, version desc, row_number desc
        ) as recency
    from answers

),

newest as (

    select
        item_id,
        ticket_number,
        ticket_state,
        ticket_date
    from ranked
    where recency = 1

)

select * from newest
