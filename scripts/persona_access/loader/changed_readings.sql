select
    column_name,
    list(delivered),
    list(reading)
from readings
where not coalesce(takes_row, false) and delivered is not null
group by 1
