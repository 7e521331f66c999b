create or replace temp table distinct_values as
select
    {{ part.value }} as delivered,
    count(*) as n_rows
from {{ part.rows }}
where {{ part.condition }}
group by 1
