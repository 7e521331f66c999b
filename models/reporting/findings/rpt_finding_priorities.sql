with

findings as (

    select * from {{ ref('rpt_findings') }}
    where finding_state <> 'closed'

),

counted as (

    select
        as_of_date,
        risk_level,
        finding_type,
        reconciliation_reason,
        count(*) as n_findings,
        count(distinct brid) as n_people,
        count(distinct application_id) as n_applications,
        count(*) filter (where finding_state = 'open' and disposition = 'open') as n_open,
        count(*) filter (where is_overdue) as n_overdue,
        count(*) filter (where is_new) as n_new,
        count(*) filter (where finding_state = 'open' and disposition <> 'open') as n_excused,
        count(*) filter (where finding_state = 'suspended') as n_suspended,
        max(age_days) as max_age_days
    from findings
    group by 1, 2, 3, 4

)

select * from counted
