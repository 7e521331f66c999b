with

cost_centers as (

    select * from {{ ref('fct_reconciliation_by_cost_center') }}

),

employees as (

    select
        cost_center,
        cost_center_name
    from {{ ref('dim_employees') }}

),

names as (

    -- HR can spell a cost center in several ways, and give it several names.
    select
        lower(cost_center) as cost_center_key,
        min(cost_center_name) as cost_center_name
    from employees
    group by 1

),

named as (

    select
        cost_centers.as_of_date,
        cost_centers.cost_center,
        names.cost_center_name,
        cost_centers.n_employees,
        cost_centers.n_unresolved_employees,
        {% for name in status_count_names() %}
            cost_centers.{{ name }},
        {% endfor %}
        cost_centers.match_rate,
        cost_centers.excess_rate
    from cost_centers
    left join names on lower(cost_centers.cost_center) = names.cost_center_key

)

select * from named
