select
    file_row_number + 2,
    {{ part.number }}::double
from read_parquet({{ part.file }}, file_row_number = true)
where
    abs({{ part.number }}) >= {{ parameter.first_inexact }}
    and not isinf({{ part.number }})
    and not isnan({{ part.number }})
order by file_row_number
limit 1
