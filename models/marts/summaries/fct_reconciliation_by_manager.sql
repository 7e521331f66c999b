with

employees as (

    select * from {{ ref('fct_reconciliation_by_employee') }}

),

counted as (

    select
        as_of_date,
        -- Accounts without a person, and people without this attribute, stand in rows of their own.
        coalesce(
            manager_brid, case when is_in_hr then '(none)' else '(not in HR)' end
        ) as manager_brid,
        count(*) filter (where is_employed) as n_employees,
        count(*) filter (where unresolved_reason is not null) as n_unresolved_employees,
        count(*) filter (where has_no_access) as n_employees_without_access,
        {{ sum_status_counts() }}
    from employees
    group by 1, 2

),

rated as (

    select
        as_of_date,
        manager_brid,
        cast(n_employees as {{ dbt.type_bigint() }}) as n_employees,
        cast(n_unresolved_employees as {{ dbt.type_bigint() }}) as n_unresolved_employees,
        cast(n_employees_without_access as {{ dbt.type_bigint() }}) as n_employees_without_access,
        {{ cast_status_counts() }},
        {{ match_rate() }} as match_rate
    from counted

)

select * from rated
