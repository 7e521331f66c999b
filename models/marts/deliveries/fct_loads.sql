with

loads as (

    select
        {{ as_of_date() }} as as_of_date,
        load_id,
        feed,
        source_name,
        extract_date,
        version,
        load_status,
        file_name,
        file_sha256,
        n_rows_read,
        n_rows_loaded,
        n_rows_quarantined,
        reason,
        is_restatement,
        is_in_force
    from {{ ref('int_loads') }}

)

select * from loads
