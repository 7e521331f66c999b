select
    sum(n_rows),
    string_agg(distinct column_name, ', ' order by column_name),
    max_by(shown(delivered), n_rows)
from readings
where {{ part.flag }} and reason is distinct from 'header_repeated'
