with

employees as (

    select
        management_level,
        cost_center
    from {{ ref('int_employees') }}
    where is_employed

),

cells as (

    -- People who share both attributes share every rule, so rules are resolved once a cell.
    select
        lower(management_level) as management_level_key,
        lower(cost_center) as cost_center_key,
        count(*) as n_employees
    from employees
    group by 1, 2

)

select * from cells
