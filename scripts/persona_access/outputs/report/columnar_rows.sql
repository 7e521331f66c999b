create or replace temp table _rows as
with

placed as (

    select
        *,
        row_number() over (order by {{ part.total_order }}) - 1 as _place
    from ({{ part.query }})

)

select
    *,
    {{ part.group_of_row }} as _group
from placed
