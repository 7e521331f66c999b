with

employees as (

    select
        {{ lower_case('management_level') }} as management_level_key,
        {{ lower_case('cost_center') }} as cost_center_key,
        attributes_key
    from {{ ref('int_employees') }}
    where is_employed

),

mapping_rules as (

    select
        {{ lower_case('management_level') }} as management_level_key,
        {{ lower_case('cost_center') }} as cost_center_key
    from {{ ref('stg_decisions__mapping_rules') }}
    where is_in_force

),

held_cells as (

    -- People who share both attributes match the same rules, so rules are resolved once for each
    -- cell.
    select
        management_level_key,
        cost_center_key,
        attributes_key,
        count(*) as n_employees
    from employees
    group by 1, 2, 3

),

management_levels as (

    select management_level_key from employees
    where management_level_key is not null

    union

    select management_level_key from mapping_rules
    where management_level_key <> '*'

),

cost_centers as (

    select cost_center_key from employees
    where cost_center_key is not null

    union

    select cost_center_key from mapping_rules
    where cost_center_key not like '%*'

),

cells as (

    -- The space is finite, so every pair is computed, even those without people yet.
    select
        management_levels.management_level_key,
        cost_centers.cost_center_key,
        held_cells.attributes_key,
        coalesce(held_cells.n_employees, 0) as n_employees
    from management_levels
    cross join cost_centers
    left join held_cells
        on
            management_levels.management_level_key = held_cells.management_level_key
            and cost_centers.cost_center_key = held_cells.cost_center_key
            and held_cells.attributes_key is null

    union all

    select
        management_level_key,
        cost_center_key,
        attributes_key,
        n_employees
    from held_cells
    where
        management_level_key is null
        or cost_center_key is null
        or attributes_key is not null

)

select * from cells
