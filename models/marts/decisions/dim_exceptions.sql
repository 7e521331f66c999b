with

exceptions as (

    select
        {{ as_of_date() }} as as_of_date,
        exception_kind,
        exception_id,
        brid,
        application_id,
        persona_id,
        purpose,
        owner_brid,
        exception_state,
        valid_from,
        valid_to,
        n_days_left,
        requested_by,
        approved_by,
        approved_on,
        rationale
    from {{ ref('int_exceptions') }}

)

select * from exceptions
