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
        last_used_date
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

    -- If no last use is delivered, access is unknown, not dormant.
    select
        application_id,
        cast(count(last_used_date) * {{ as_double(1) }} / count(*) as numeric(7, 6))
            as last_used_coverage
    from access
    group by 1

),

unused as (

    select
        *,
        {{ dbt.datediff('last_used_date', as_of_date(), 'day') }} as n_days_unused
    from access

),

described as (

    select
        unused.as_of_date,
        unused.brid,
        employees.full_name,
        unused.application_id,
        applications.application_name,
        unused.is_privileged,
        coalesce(unused.n_days_unused > {{ var('dormant_days') }}, false) as is_dormant,
        cast(unused.n_days_unused as {{ dbt.type_int() }}) as n_days_unused,
        coverage.last_used_coverage,
        unused.reconciliation_status,
        unused.reconciliation_reason,
        unused.disposition,
        unused.persona_ids,
        unused.granted_date,
        unused.last_used_date,
        employees.cost_center,
        employees.manager_brid
    from unused
    inner join coverage on unused.application_id = coverage.application_id
    left join employees on unused.brid = employees.brid
    left join applications on unused.application_id = applications.application_id
    where unused.is_privileged or unused.n_days_unused > {{ var('dormant_days') }}

)

select * from described
