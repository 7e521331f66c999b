select
    column_name,
    list(distinct delivered order by delivered),
    sum(n_rows)
from readings
where reason = 'value_not_accepted'
group by 1
order by 1
