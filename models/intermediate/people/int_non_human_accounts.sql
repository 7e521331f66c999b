with

non_human_accounts as (

    select
        brid,
        owner_brid,
        is_in_force
    from {{ ref('stg_decisions__non_human_accounts') }}

),

employees as (

    -- A person with a damaged HR row counts as employed, as a week ago, so that their accounts keep
    -- an owner.
    select
        brid,
        is_employed
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

classified as (

    -- A registration is valid only while it is in force and its owner works here.
    select
        non_human_accounts.brid,
        bool_or(
            non_human_accounts.is_in_force and coalesce(employees.is_employed, false)
        ) as is_registered
    from non_human_accounts
    left join employees on non_human_accounts.owner_brid = employees.brid
    group by 1

)

select * from classified
