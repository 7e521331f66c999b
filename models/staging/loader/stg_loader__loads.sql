with

source as (

    select * from {{ source('loader', 'load_ledger') }}

),

current_extracts as (

    select
        load_id,
        is_source_required,
        max_age_days
    from {{ source('loader', 'week_extracts') }}

),

renamed as (

    select
        source.load_id,
        source.feed,
        coalesce(nullif(source.source, ''), source.feed) as source_name,
        source.extract_date,
        source.version,
        source.load_status,
        source.file_name,
        source.file_sha256,
        source.n_rows_read,
        source.n_rows_loaded,
        source.n_rows_quarantined,
        coalesce(source.n_values_quarantined, 0) as n_values_quarantined,
        source.reason,
        source.is_restatement,
        coalesce(nullif(source.batch, ''), source.load_id) as batch,
        source.max_shrink_share,
        source.max_growth_share,
        current_extracts.max_age_days,
        current_extracts.load_id is not null as is_in_force,
        coalesce(current_extracts.is_source_required, false) as is_source_required
    from source
    left join current_extracts on source.load_id = current_extracts.load_id

)

select * from renamed
