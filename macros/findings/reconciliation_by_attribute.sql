{% macro reconciliation_by_attribute(attribute) -%}
    {#-
    The week counted by an attribute of the person. Accounts without a person, and people without
    the attribute, have separate rows.
    -#}
with

employees as (

    select
        brid,
        coalesce(
            {{ attribute }}, case when is_in_hr then '(none)' else '(not in HR)' end
        ) as {{ attribute }},
        is_employed,
        unresolved_reason,
        has_no_access,
        {{ status_count_names() | join(',\n        ') }}
    from {{ ref('fct_reconciliation_by_employee') }}
    where as_of_date = {{ as_of_date() }}

),

finding_weeks as (

    select
        as_of_date,
        brid,
        finding_state,
        opened_date,
        age_days,
        is_overdue,
        n_times_reopened
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

counted as (

    select
        {{ attribute }},
        count(*) filter (where is_employed) as n_employees,
        count(*) filter (where unresolved_reason is not null) as n_unresolved_employees,
        count(*) filter (where has_no_access) as n_employees_without_access,
        {{ sum_status_counts() }}
    from employees
    group by 1

),

finding_flow as (

    -- A person whose last finding was closed may have no pair left this week, and so no row of
    -- their own.
    select
        coalesce(employees.{{ attribute }}, '(not in HR)') as {{ attribute }},
        {{ count_finding_flow() }}
    from finding_weeks
    left join employees on finding_weeks.brid = employees.brid
    group by 1

),

joined as (

    select
        {{ attribute }},
        coalesce(counted.n_employees, 0) as n_employees,
        coalesce(counted.n_unresolved_employees, 0) as n_unresolved_employees,
        coalesce(counted.n_employees_without_access, 0) as n_employees_without_access,
        {% for name in status_count_names() -%}
        coalesce(counted.{{ name }}, 0) as {{ name }},
        {% endfor -%}
        {{ show_finding_flow('finding_flow') }}
    from counted
    full join finding_flow using ({{ attribute }})

),

rated as (

    select
        {{ as_of_date() }} as as_of_date,
        {{ attribute }},
        cast(n_employees as {{ dbt.type_bigint() }}) as n_employees,
        cast(n_unresolved_employees as {{ dbt.type_bigint() }}) as n_unresolved_employees,
        cast(n_employees_without_access as {{ dbt.type_bigint() }}) as n_employees_without_access,
        {{ cast_status_counts() }},
        {{ match_rate() }} as match_rate,
        {{ excess_rate() }} as excess_rate,
        {{ finding_flow_names() | join(',\n        ') }},
        median_age_days
    from joined

)

select * from rated
{%- endmacro %}
