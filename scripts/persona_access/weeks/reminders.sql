-- The items that each reviewer must decide: not answered yet, or answered and asked again.
-- While a delegate answers for the reviewer, the delegate is asked, and the reviewer is not.
with

undecided as (

    select
        item_id,
        recipient_brid,
        recipient_email,
        reviewer_brid,
        as_of_date,
        due_date,
        recipient_role = 'delegate' as is_delegate
    from {{ part.file }}
    where
        recipient_brid is not null
        and (decision is null or listed_as = 'again')
        and coalesce(delegated_from, {{ parameter.day }}) <= {{ parameter.day }}
        and coalesce(delegated_to, {{ parameter.day }}) >= {{ parameter.day }}

),

delegated as (

    select distinct
        item_id,
        reviewer_brid
    from undecided
    where is_delegate

),

asked as (

    select undecided.*
    from undecided
    left join delegated
        on
            undecided.item_id = delegated.item_id
            and undecided.reviewer_brid = delegated.reviewer_brid
            and not undecided.is_delegate
    where delegated.item_id is null

)

select
    reviewer_brid,
    recipient_brid as told_brid,
    max(recipient_email) as mail,
    max(as_of_date) as as_of_date,
    count(*) as n_open,
    min(due_date) filter (where due_date >= {{ parameter.day }}) as first_due,
    count(*) filter (
        where due_date between {{ parameter.day }} and {{ parameter.soon }}
    ) as n_soon,
    count(*) filter (where due_date < {{ parameter.day }}) as n_overdue
from asked
group by reviewer_brid, recipient_brid
order by reviewer_brid, told_brid <> reviewer_brid, told_brid
