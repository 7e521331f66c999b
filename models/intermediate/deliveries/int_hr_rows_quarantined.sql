with

quarantined_rows as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and brid is not null

),

brids as (

    select brid from quarantined_rows
    group by 1

)

select * from brids
