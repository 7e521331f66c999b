with

quarantined_rows as (

    select
        as_of_date,
        feed,
        quarantine_stage,
        quarantine_reason,
        message
    from {{ ref('fct_quarantined_rows') }}

),

counted as (

    select
        as_of_date,
        feed,
        quarantine_stage,
        quarantine_reason,
        count(*) as n_rows,
        min(message) as example
    from quarantined_rows
    group by 1, 2, 3, 4

)

select * from counted
