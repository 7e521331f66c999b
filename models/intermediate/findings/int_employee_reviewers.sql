with

employees as (

    select
        brid,
        manager_brid,
        is_employed
    from {{ ref('int_employees') }}

),

managed as (

    -- People who no longer work here review nothing, and nobody reviews themselves.
    select
        employees.brid,
        managers.brid as manager_brid,
        second_managers.brid as second_manager_brid
    from employees
    left join employees as managers
        on
            employees.manager_brid = managers.brid
            and employees.brid <> managers.brid
            and managers.is_employed
    -- The manager's own row names the next manager, even if the manager has left.
    left join employees as managers_in_hr on employees.manager_brid = managers_in_hr.brid
    left join employees as second_managers
        on
            managers_in_hr.manager_brid = second_managers.brid
            and employees.brid <> second_managers.brid
            and second_managers.is_employed

),

reviewers as (

    select
        brid,
        coalesce(manager_brid, second_manager_brid) as reviewer_brid,
        case
            when manager_brid is not null then 'manager'
            when second_manager_brid is not null then 'second_manager'
        end as reviewer_role
    from managed
    where manager_brid is not null or second_manager_brid is not null

)

select * from reviewers
