-- What is to be looked at, beside what the lists before held, the worst first.
with

items as (

    select * from {{ part.items }}

),

known as (

    select
        finding_id,
        recipient_brid,
        is_overdue
    from {{ part.known }}

),

compared as (

    select
        items.*,
        case
            when known.finding_id is null then 'new'
            when items.is_overdue and not known.is_overdue then 'overdue'
        end as listed_as
    from items
    left join known
        on
            items.finding_id = known.finding_id
            and items.recipient_brid is not distinct from known.recipient_brid

)

-- Of equals, what is late comes first, then what is due, then what the fewest peers have.
select * from compared
order by
    recipient_brid nulls last,
    case risk_level when 'critical' then 1 when 'high' then 2 when 'medium' then 3 else 4 end,
    is_overdue desc,
    due_date nulls last,
    cast(n_peer_holders as double) / nullif(n_peers, 0) nulls first,
    opened_date,
    brid,
    application_id
