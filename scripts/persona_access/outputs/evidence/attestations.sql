-- Lists that were signed as a whole, with the number of items decided so far.
with

signatures as (

    select
        reviewer_brid,
        list_week,
        decided_by,
        answered_date
    from marts.fct_review_decisions
    where as_of_date = {{ parameter.week }} and decision_state = 'attested'

),

items as (

    select
        as_of_date as list_week,
        reviewer_brid,
        item_id
    from marts.fct_review_lists
    where as_of_date <= {{ parameter.week }}

),

decided as (

    select distinct
        reviewer_brid,
        item_id
    from marts.fct_review_decisions
    where as_of_date = {{ parameter.week }} and decision_state <> 'rejected'

)

select
    signatures.reviewer_brid,
    signatures.list_week,
    signatures.decided_by as signed_by,
    signatures.answered_date as signed_on,
    count(items.item_id) as n_items,
    count(decided.item_id) as n_decided
from signatures
left join items
    on signatures.reviewer_brid = items.reviewer_brid and signatures.list_week = items.list_week
left join decided
    on items.reviewer_brid = decided.reviewer_brid and items.item_id = decided.item_id
group by all
order by all
