with

changed as (

    select brid from persona_changes
    where change <> 'source'
    union distinct
    select brid from status_changes

)

select count(*) as people
from changed
