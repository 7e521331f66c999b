-- What each reviewer has to decide: what was not answered, or was answered and is asked again.
with

undecided as (

    select
        recipient_brid,
        recipient_email,
        as_of_date,
        due_date
    from {{ part.file }}
    where recipient_brid is not null and (decision is null or listed_as = 'again')

)

select
    recipient_brid as reviewer_brid,
    max(recipient_email) as mail,
    max(as_of_date) as as_of_date,
    count(*) as n_open,
    min(due_date) filter (where due_date >= {{ parameter.day }}) as first_due,
    count(*) filter (where due_date between {{ parameter.day }} and {{ parameter.soon }}) as n_soon,
    count(*) filter (where due_date < {{ parameter.day }}) as n_overdue
from undecided
group by recipient_brid
order by recipient_brid
