with

holders as (

    select
        trim({{ part.holder }}) as holder,
        count(*) as n_rows
    from {{ part.rows }}
    group by 1

)

select
    coalesce(sum(n_rows), 0),
    coalesce(sum(n_rows) filter (not {{ part.is_brid }} and not ({{ part.is_unreadable }})), 0)
from holders
where coalesce(holder, '') <> ''
