with

changes as (

    select
        as_of_date,
        brid,
        finding_type,
        finding_change,
        change_cause
    from {{ ref('fct_finding_changes') }}

),

counted as (

    select
        as_of_date,
        change_cause,
        finding_type,
        count(*) filter (where finding_change in ('opened', 'reopened')) as n_opened,
        count(*) filter (where finding_change = 'reopened') as n_reopened,
        count(*) filter (where finding_change = 'closed') as n_closed,
        count(distinct brid) as n_people
    from changes
    group by 1, 2, 3

)

select * from counted
