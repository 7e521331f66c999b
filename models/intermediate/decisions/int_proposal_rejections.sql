with

rejections as (

    select
        proposal_id,
        max(support) as rejected_support
    from {{ ref('stg_decisions__proposal_rejections') }}
    where is_in_force
    group by 1

)

select * from rejections
