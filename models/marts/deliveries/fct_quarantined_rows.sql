with

quarantined_rows as (

    select * from {{ ref('int_quarantined_rows') }}

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        feed,
        file_name,
        row_number,
        quarantine_stage,
        quarantine_reason,
        column_name,
        value_as_delivered,
        message,
        brid
    from quarantined_rows

)

select * from dated
