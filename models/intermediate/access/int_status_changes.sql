with

status_changes as (

    select
        as_of_date,
        previous_date,
        brid,
        application_id,
        change_kind,
        cause,
        status_before,
        status_after,
        reason_before,
        reason_after,
        disposition_before,
        disposition_after
    from {{ ref('stg_replays__status_changes') }}

)

select * from status_changes
