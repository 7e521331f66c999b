with

loads as (

    select
        feed,
        extract_date,
        load_id
    from {{ ref('stg_loader__loads') }}
    where is_in_force

)

select * from loads
