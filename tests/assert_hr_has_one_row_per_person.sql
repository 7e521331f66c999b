{{ config(severity='warn') }}

with

hr_conflicts as (

    select
        brid,
        file_name,
        row_number
    from {{ ref('fct_hr_conflicts') }}
    where as_of_date = {{ as_of_date() }}

),

conflicts as (

    select
        brid,
        file_name,
        count(*) as n_rows,
        min(row_number) as first_row_number,
        'HR has several rows for this person; the employed and latest one counts.' as reason
    from hr_conflicts
    group by 1, 2

)

select * from conflicts
