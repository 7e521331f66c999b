with

loads as (

    select
        feed,
        source_name,
        extract_date,
        load_id
    from {{ ref('stg_loader__loads') }}
    where is_in_force

)

select * from loads
