with

source as (

    select * from {{ source('loader', 'load_ledger') }}

),

extracts_in_force as (

    select load_id from {{ source('loader', 'week_extracts') }}

),

renamed as (

    select
        source.load_id,
        source.feed,
        source.extract_date,
        source.version,
        source.load_status,
        source.file_name,
        source.file_sha256,
        source.n_rows_read,
        source.n_rows_loaded,
        source.n_rows_quarantined,
        source.reason,
        source.is_restatement,
        extracts_in_force.load_id is not null as is_in_force
    from source
    left join extracts_in_force on source.load_id = extracts_in_force.load_id

)

select * from renamed
