{{ config(severity='warn') }}

with

quarantined_rows as (

    select
        feed,
        file_name,
        quarantine_reason,
        column_name,
        row_number
    from {{ ref('fct_quarantined_rows') }}
    where
        as_of_date = {{ as_of_date() }}
        and quarantine_stage in ('loader', 'loader_value', 'key')

),

counted as (

    select
        feed,
        file_name,
        quarantine_reason as reason,
        column_name,
        count(*) as n_rows,
        min(row_number) as first_row_number
    from quarantined_rows
    group by 1, 2, 3, 4

)

select * from counted
