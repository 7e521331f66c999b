with

spellings as (

    select * from {{ ref('stg_iam__brid_spellings') }}
    where brid is not null

),

keyed as (

    select
        brid_as_delivered,
        brid,
        cast(dense_rank() over (order by brid) as {{ dbt.type_int() }}) as brid_key
    from spellings

)

select * from keyed
