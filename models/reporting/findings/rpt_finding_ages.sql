with

findings as (

    select
        as_of_date,
        finding_type,
        finding_state,
        disposition,
        age_days,
        is_overdue,
        is_privileged
    from {{ ref('fct_access_findings') }}
    where finding_state <> 'closed'

),

ages (from_days, to_days, age) as (

    values
    (0, 7, 'up to 7 days'),
    (8, 30, '8 to 30 days'),
    (31, 90, '31 to 90 days'),
    (91, 1000000, 'more than 90 days')

),

counted as (

    -- An age that no finding has is a row of zeros.
    select
        {{ as_of_date() }} as as_of_date,
        ages.from_days,
        ages.age,
        count(*) filter (where findings.finding_type = 'missing') as n_missing,
        count(*) filter (where findings.finding_type = 'excess') as n_excess,
        count(*) filter (where findings.is_overdue) as n_overdue,
        count(*) filter (where findings.is_privileged) as n_privileged,
        count(*) filter (where findings.disposition = 'waived') as n_waived
    from ages
    left join findings on findings.age_days between ages.from_days and ages.to_days
    group by 1, 2, 3

)

select * from counted
