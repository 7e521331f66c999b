with

access as (

    select
        as_of_date,
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        disposition,
        persona_ids,
        coalesce(is_privileged, false) as is_privileged,
        granted_date,
        last_used_date,
        {{ dbt.datediff('last_used_date', as_of_date(), 'day') }} as n_days_unused
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted

),

employees as (

    select
        brid,
        full_name,
        cost_center,
        manager_brid
    from {{ ref('dim_employees') }}

),

applications as (

    select
        application_id,
        application_name
    from {{ ref('dim_applications') }}

),

coverage as (

    -- If no last use is delivered, access is unknown, not dormant. Reads the fact again, because
    -- DuckDB keeps rows for two queries in memory, with all their columns.
    select
        application_id,
        cast(count(last_used_date) * {{ as_double(1) }} / count(*) as numeric(7, 6))
            as last_used_coverage
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted
    group by 1

),

described as (

    select
        access.as_of_date,
        access.brid,
        employees.full_name,
        access.application_id,
        applications.application_name,
        access.is_privileged,
        coalesce(access.n_days_unused > {{ var('dormant_days') }}, false) as is_dormant,
        cast(access.n_days_unused as {{ dbt.type_int() }}) as n_days_unused,
        coverage.last_used_coverage,
        access.reconciliation_status,
        access.reconciliation_reason,
        access.disposition,
        access.persona_ids,
        access.granted_date,
        access.last_used_date,
        employees.cost_center,
        employees.manager_brid
    from access
    inner join coverage on access.application_id = coverage.application_id
    left join employees on access.brid = employees.brid
    left join applications on access.application_id = applications.application_id
    where access.is_privileged or access.n_days_unused > {{ var('dormant_days') }}

)

select * from described
