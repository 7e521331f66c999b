-- What each reviewer has to decide: what was not answered, or was answered and is asked again.
-- Whoever may answer for a reviewer on the day gets the same messages.
with

undecided as (

    select
        recipient_brid,
        recipient_email,
        as_of_date,
        due_date
    from {{ part.file }}
    where recipient_brid is not null and (decision is null or listed_as = 'again')

),

counted as (

    select
        recipient_brid as reviewer_brid,
        max(recipient_email) as mail,
        max(as_of_date) as as_of_date,
        count(*) as n_open,
        min(due_date) filter (where due_date >= {{ parameter.day }}) as first_due,
        count(*) filter (
            where due_date between {{ parameter.day }} and {{ parameter.soon }}
        ) as n_soon,
        count(*) filter (where due_date < {{ parameter.day }}) as n_overdue
    from undecided
    group by recipient_brid

),

delegates as (

    select distinct
        {{ part.reviewer }} as reviewer_brid,
        {{ part.delegate }} as delegate_brid
    from {{ part.delegates }}
    where
        coalesce(try_cast(valid_from as date), {{ parameter.day }}) <= {{ parameter.day }}
        and coalesce(try_cast(valid_to as date), {{ parameter.day }}) >= {{ parameter.day }}

),

employees as (

    select
        brid,
        work_email
    from {{ part.employees }}

),

told as (

    select
        counted.*,
        counted.reviewer_brid as told_brid
    from counted

    union all

    select
        counted.* replace (employees.work_email as mail),
        delegates.delegate_brid as told_brid
    from counted
    inner join delegates on counted.reviewer_brid = delegates.reviewer_brid
    left join employees on delegates.delegate_brid = employees.brid

)

select * from told
order by reviewer_brid, told_brid <> reviewer_brid, told_brid
