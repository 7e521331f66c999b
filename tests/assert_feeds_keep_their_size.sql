with

loads as (

    select
        feed,
        source_name,
        extract_date,
        version,
        file_name,
        n_rows_loaded,
        max_shrink_share,
        max_growth_share,
        is_in_force
    from {{ ref('stg_loader__loads') }}
    where load_status = 'loaded' and {{ is_replaced_feed('feed') }}

),

extracts as (

    select
        feed,
        source_name,
        file_name,
        extract_date,
        n_rows_loaded,
        coalesce(
            max_shrink_share, {{ share_of_feed('feed_max_shrink_share') }}
        ) as max_shrink_share,
        coalesce(
            max_growth_share, {{ share_of_feed('feed_max_growth_share') }}
        ) as max_growth_share
    from loads
    where is_in_force

),

earlier_extracts as (

    select
        extracts.source_name,
        loads.extract_date,
        loads.n_rows_loaded,
        row_number() over (
            partition by extracts.source_name
            order by loads.extract_date desc, loads.version desc
        ) as recency
    from extracts
    inner join loads
        on
            extracts.feed = loads.feed
            and extracts.source_name = loads.source_name
            and extracts.extract_date > loads.extract_date

),

compared as (

    select
        'feed_size' as gate,
        extracts.feed,
        extracts.source_name,
        extracts.file_name,
        'n_rows_loaded' as column_name,
        extracts.n_rows_loaded,
        earlier_extracts.n_rows_loaded as n_rows_loaded_before,
        earlier_extracts.extract_date as extract_date_before,
        extracts.max_shrink_share,
        extracts.max_growth_share,
        case
            when
                extracts.n_rows_loaded
                < earlier_extracts.n_rows_loaded * (1 - extracts.max_shrink_share)
                then 'The file is more than max_shrink_share smaller than its source sent before.'
            when
                extracts.n_rows_loaded
                > earlier_extracts.n_rows_loaded * (1 + extracts.max_growth_share)
                then 'The file is more than max_growth_share larger than its source sent before.'
        end as reason
    from extracts
    inner join earlier_extracts on extracts.source_name = earlier_extracts.source_name
    where earlier_extracts.recency = 1

),

implausible as (

    select * from compared
    where reason is not null and {{ gate_is_closed('gate') }}

)

select * from implausible
