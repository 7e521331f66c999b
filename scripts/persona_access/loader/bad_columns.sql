select
    column_name,
    sum(n_rows) as n_bad,
    arg_max(message, n_rows) as message
from readings
where takes_row = false and reason <> {{ parameter.unknown }}
group by 1
having sum(n_rows) > {{ parameter.n_most }}
order by 2 desc
