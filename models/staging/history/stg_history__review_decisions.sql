with

source as (

    select * from {{ source('history', 'fct_review_decisions') }}
    where as_of_date < {{ as_of_date() }}

),

renamed as (

    select
        as_of_date,
        decision_id,
        decision,
        decision_state,
        state_reason,
        last_held_date,
        last_held_load_id,
        first_gone_date,
        first_gone_load_id,
        returned_date
    from source

)

select * from renamed
