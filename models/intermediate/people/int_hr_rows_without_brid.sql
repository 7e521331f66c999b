with

quarantined_rows as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and is_row_quarantined
        and {{ is_data_row() }}
        and brid is null

),

employees as (

    select brid from {{ ref('stg_hr__employees') }}
    where brid is null

),

quarantined_before as (

    select cast(coalesce(sum(n_rows), 0) as {{ dbt.type_bigint() }}) as n_rows
    from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'hr_headcount' and brid is null

),

rows_without_brid as (

    select brid from quarantined_rows

    union all

    select brid from employees

),

quarantined_now as (

    select count(*) as n_rows from rows_without_brid

),

counted as (

    select
        quarantined_now.n_rows,
        quarantined_before.n_rows as n_rows_before
    from quarantined_now
    cross join quarantined_before

)

select * from counted
