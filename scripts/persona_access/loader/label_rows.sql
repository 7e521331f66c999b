-- The last row, and the rows with a label.
select
    row_number,
    [{{ part.cells }}] as cells
from {{ part.rows }}
where row_number = {{ part.last_row }} or {{ part.is_label }}
order by row_number
limit {{ parameter.n_most }}
