with

this_week as (

    select
        figures.{{ part.key }},
        figures.n_open as n_now
    from {{ part.rows }} as figures
    where figures.as_of_date = (select week.as_of_date from week)

),

worst as (

    select * from this_week
    where n_now > 0
    order by n_now desc, {{ part.key }}
    limit 10

)

select
    trend.*,
    worst.n_now
from {{ part.rows }} as trend
inner join worst using ({{ part.key }})
where trend.as_of_date <= (select week.as_of_date from week)
