with

access as (

    select
        as_of_date,
        brid,
        reconciliation_status,
        reconciliation_reason,
        disposition,
        is_privileged,
        n_grant_rows
    from {{ ref('fct_access_reconciliation') }}

),

counted as (

    select
        as_of_date,
        reconciliation_status,
        reconciliation_reason,
        disposition,
        count(*) as n_pairs,
        count(distinct brid) as n_people,
        count(*) filter (where is_privileged) as n_privileged,
        cast(sum(n_grant_rows) as {{ dbt.type_bigint() }}) as n_grant_rows
    from access
    group by 1, 2, 3, 4

)

select * from counted
