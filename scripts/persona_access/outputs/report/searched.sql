select
    numbers.{{ part.subject }}_id,
    names.{{ part.subject }}_name
from {{ part.subject }}_numbers as numbers
left join dim_{{ part.subject }}s as names using ({{ part.subject }}_id)
order by 1
