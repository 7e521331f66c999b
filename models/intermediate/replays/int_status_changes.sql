with

status_changes as (

    select * from {{ ref('stg_replays__status_changes') }}

)

select * from status_changes
