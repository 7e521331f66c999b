with

source as (

    select * from {{ source('history_of_evidence', 'int_rows_read_as_before') }}

),

renamed as (

    select
        as_of_date,
        feed,
        file_name,
        row_number,
        holder,
        held,
        known_start_date,
        known_end_date,
        known_status_word,
        quarantine_reason,
        doubted_since
    from source

)

select * from renamed
