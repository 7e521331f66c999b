with

source as (

    select * from {{ source('loader', 'quarantined_rows') }}

),

current_extracts as (

    select load_id from {{ source('loader', 'week_extracts') }}

),

renamed as (

    select
        source.load_id,
        source.feed,
        source.extract_date,
        source.file_name,
        source.row_number,
        source.column_name,
        source.value,
        source.reason,
        source.message,
        {{ normalise_brid('source.brid') }} as brid
    from source
    inner join current_extracts on source.load_id = current_extracts.load_id

)

select * from renamed
