with

spellings as (

    select * from {{ ref('stg_iam__brid_spellings') }}
    where brid is not null

),

account_owners as (

    select * from {{ ref('int_account_owners') }}

),

owned as (

    select
        spellings.brid_as_delivered,
        coalesce(account_owners.owner_brid, spellings.brid) as brid
    from spellings
    left join account_owners on spellings.brid = account_owners.account_brid

),

keyed as (

    select
        brid_as_delivered,
        brid,
        cast(dense_rank() over (order by brid) as {{ dbt.type_int() }}) as brid_key
    from owned

)

select * from keyed
