with

employees as (

    select
        brid,
        is_employed,
        unresolved_reason,
        has_no_access,
        {{ status_count_names() | join(', ') }}
    from {{ ref('fct_reconciliation_by_employee') }}
    where as_of_date = {{ as_of_date() }}

),

finding_weeks as (

    select
        as_of_date,
        finding_state,
        opened_date,
        age_days,
        is_overdue,
        n_times_reopened
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

assignments as (

    select
        brid,
        assignment_method
    from {{ ref('int_persona_assignments') }}
    where assignment_method <> 'baseline' and persona_id is not null
    group by 1, 2

),

counted as (

    select
        count(*) filter (where is_employed) as n_employees,
        count(*) filter (where unresolved_reason is not null) as n_unresolved_employees,
        count(*) filter (where has_no_access) as n_employees_without_access,
        {{ sum_status_counts() }}
    from employees

),

finding_flow as (

    select
        {{ count_finding_flow() }}
    from finding_weeks

),

methods as (

    select
        count(*) filter (where assignment_method = 'override') as n_by_override,
        count(*) filter (where assignment_method = 'persona_list') as n_by_persona_list,
        count(*) filter (where assignment_method = 'rule') as n_by_rule,
        count(*) filter (where assignment_method = 'pretrained') as n_by_pretrained
    from assignments

),

rated as (

    select
        {{ as_of_date() }} as as_of_date,
        cast(counted.n_employees as {{ dbt.type_bigint() }}) as n_employees,
        cast(counted.n_unresolved_employees as {{ dbt.type_bigint() }}) as n_unresolved_employees,
        cast(counted.n_employees_without_access as {{ dbt.type_bigint() }})
            as n_employees_without_access,
        cast(methods.n_by_override as {{ dbt.type_bigint() }}) as n_by_override,
        cast(methods.n_by_persona_list as {{ dbt.type_bigint() }}) as n_by_persona_list,
        cast(methods.n_by_rule as {{ dbt.type_bigint() }}) as n_by_rule,
        cast(methods.n_by_pretrained as {{ dbt.type_bigint() }}) as n_by_pretrained,
        cast(
            1 - cast(counted.n_unresolved_employees as {{ dbt.type_numeric() }})
            / nullif(counted.n_employees, 0) as numeric(7, 6)
        ) as mapping_coverage,
        {{ cast_status_counts() }},
        {{ match_rate() }} as match_rate,
        {{ show_finding_flow('finding_flow') }}
    from counted
    cross join finding_flow
    cross join methods

)

select * from rated
