with

loads as (

    select
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
    from {{ ref('stg_loader__loads') }}

)

select * from loads
