with

source as (

    select * from {{ source('history', 'fct_quarantine_by_week') }}

),

renamed as (

    select
        as_of_date,
        feed,
        quarantine_stage,
        quarantine_reason,
        n_rows
    from source

)

select * from renamed
