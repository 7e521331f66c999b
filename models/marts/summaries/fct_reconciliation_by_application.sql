with

reconciliation as (

    select
        as_of_date,
        application_id,
        reconciliation_status,
        disposition
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

counted as (

    select
        as_of_date,
        application_id,
        {{ count_statuses() }}
    from reconciliation
    group by 1, 2

),

rated as (

    select
        as_of_date,
        application_id,
        {{ cast_status_counts() }},
        {{ match_rate() }} as match_rate
    from counted

)

select * from rated
