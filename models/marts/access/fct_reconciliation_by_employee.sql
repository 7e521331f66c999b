with

reconciliation as (

    select
        brid,
        reconciliation_status,
        disposition
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

employees as (

    select
        brid,
        management_level,
        cost_center,
        manager_brid,
        is_employed,
        unresolved_reason,
        has_no_access
    from {{ ref('dim_employees') }}

),

counted as (

    select
        brid,
        {{ count_statuses() }}
    from reconciliation
    group by 1

),

joined as (

    -- People without a pair and accounts without a person both count.
    select
        {{ as_of_date() }} as as_of_date,
        brid,
        employees.management_level,
        employees.cost_center,
        employees.manager_brid,
        employees.is_employed is not null as is_in_hr,
        coalesce(employees.is_employed, false) as is_employed,
        employees.unresolved_reason,
        coalesce(employees.has_no_access, false) as has_no_access,
        {% for name in status_count_names() %}
            coalesce(counted.{{ name }}, 0) as {{ name }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from employees
    full join counted using (brid)

)

select * from joined
