with

answered as (

    select * from {{ part.rows }}

)

select
    *,
    {{ part.state }} as code_state
from answered
order by row_number
