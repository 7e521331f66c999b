select
    case when raw_line is null then 'row' else 'line' end,
    row_number,
    message
from faults
order by quarantined_part, row_number
limit {{ parameter.n_most }}
