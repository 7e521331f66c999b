-- Groups of a landed file that are too large to have moved to another.
with

counted as (

    select
        {{ part.group_value }} as group_value,
        count(*) as n_rows
    from {{ part.rows }}
    group by 1

)

select
    group_value,
    n_rows
from counted
where
    group_value is not null
    and (
        {{ parameter.is_sheet }}
        or n_rows >= greatest(
            {{ parameter.n_least }},
            {{ parameter.least_share }} * (select sum(everything.n_rows) from counted as everything)
        )
    )
order by n_rows desc, group_value
