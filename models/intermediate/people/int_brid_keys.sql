with

spellings as (

    select * from {{ ref('stg_iam__brid_spellings') }}
    where brid is not null

),

account_owners as (

    select
        account_brid,
        owner_brid
    from {{ ref('stg_decisions__account_owners') }}
    where is_in_force

),

employees as (

    select brid from {{ ref('int_employees') }}

),

owned as (

    -- What a person in HR holds is never somebody else's.
    select
        spellings.brid_as_delivered,
        case
            when employees.brid is null then coalesce(account_owners.owner_brid, spellings.brid)
            else spellings.brid
        end as brid
    from spellings
    left join account_owners on spellings.brid = account_owners.account_brid
    left join employees on spellings.brid = employees.brid

),

keyed as (

    select
        brid_as_delivered,
        brid,
        cast(dense_rank() over (order by brid) as {{ dbt.type_int() }}) as brid_key
    from owned

)

select * from keyed
