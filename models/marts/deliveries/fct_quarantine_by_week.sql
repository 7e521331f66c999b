with

quarantined_rows as (

    select
        feed,
        quarantine_stage,
        quarantine_reason
    from {{ ref('fct_quarantined_rows') }}

),

counted as (

    select
        {{ as_of_date() }} as as_of_date,
        feed,
        quarantine_stage,
        quarantine_reason,
        count(*) as n_rows
    from quarantined_rows
    group by 2, 3, 4

)

select * from counted
