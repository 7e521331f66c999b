with

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

applied as (

    -- Access of a person in HR never belongs to another person.
    select
        account_owners.account_brid,
        account_owners.owner_brid
    from account_owners
    left join employees on account_owners.account_brid = employees.brid
    where employees.brid is null

)

select * from applied
