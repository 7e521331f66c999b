-- The rows of a snapshot when the week was the newest.
select
    * exclude (dbt_valid_to),
    if(dbt_valid_to > {{ part.week }}, timestamp '9999-12-31', dbt_valid_to) as dbt_valid_to
from {{ part.snapshot }}
where dbt_valid_from <= {{ part.week }}
