{{ config(severity='warn') }}

{% set optional_feeds = feeds(is_required=false, accumulates=false) if execute else [] %}

with

loads as (

    select
        feed,
        source_name,
        is_source_required,
        file_name,
        extract_date,
        max_age_days,
        {{ dbt.datediff('extract_date', as_of_date(), 'day') }} as age_days
    from {{ ref('stg_loader__loads') }}
    where is_in_force

),

late as (

    select
        feed,
        source_name,
        file_name,
        'extract_date' as column_name,
        extract_date,
        age_days,
        max_age_days,
        'The newest extract is older than its source allows.' as reason
    from loads
    where
        age_days > max_age_days
        and (
            feed in ('{{ optional_feeds | join("', '") }}')
            or not is_source_required
        )

)

select * from late
