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
        coalesce(source.value, source.raw_line) as text_as_delivered,
        source.reason,
        source.message,
        coalesce(source.quarantined_part, 'row') = 'row' as is_row_quarantined,
        {{ normalise_holder('source.brid') }} as brid,
        {{ normalise_application_id('source.application_id') }} as application_spelling,
        {{ landed_code('source.account_id') }} as account_id
    from source
    inner join current_extracts on source.load_id = current_extracts.load_id

)

select * from renamed
