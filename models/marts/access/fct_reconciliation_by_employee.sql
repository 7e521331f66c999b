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

finding_weeks as (

    select
        brid,
        finding_state,
        is_overdue
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_state <> 'closed'

),

counted as (

    select
        brid,
        {{ count_statuses() }}
    from reconciliation
    group by 1

),

findings_counted as (

    select
        brid,
        count(*) filter (where finding_state = 'suspended') as n_suspended,
        count(*) filter (where is_overdue) as n_overdue
    from finding_weeks
    group by 1

),

joined as (

    -- People without a pair, accounts without a person, and people who only have a suspended
    -- finding all count.
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
            coalesce(counted.{{ name }}, 0) as {{ name }},
        {% endfor %}
        coalesce(findings_counted.n_suspended, 0) as n_suspended,
        coalesce(findings_counted.n_overdue, 0) as n_overdue
    from employees
    full join counted using (brid)
    full join findings_counted using (brid)

)

select * from joined
