with

source as (

    select * from {{ source('replays', 'status_changes') }}

),

renamed as (

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
    from source

)

select * from renamed
