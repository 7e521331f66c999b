with

quarantined_rows as (

    -- A value that is left out, a total, or an HR row whose BRID can be read hides nobody else.
    select feed from {{ ref('stg_loader__quarantined_rows') }}
    where
        is_row_quarantined
        and reason not in ('label_row', 'header_repeated')
        and (feed <> 'hr_headcount' or brid is null)

),

employees_without_key as (

    select 'hr_headcount' as feed from {{ ref('stg_hr__employees') }}
    where brid is null

),

members_without_key as (

    select 'persona_members' as feed from {{ ref('stg_personas__members') }}
    where brid is null

),

quarantine_before as (

    select
        feed,
        sum(n_rows) as n_rows
    from {{ ref('stg_history__quarantine') }}
    where
        as_of_date = {{ previous_as_of_date(ref('int_employee_persona_sets')) }}
        and quarantine_stage in ('loader', 'key')
    group by feed

),

unreadable_rows as (

    select feed from quarantined_rows

    union all

    select feed from employees_without_key

    union all

    select feed from members_without_key

),

counted as (

    select
        feed,
        count(*) as n_rows
    from unreadable_rows
    group by feed

),

damaged as (

    -- Rows that no week could read say nothing of this one, or nothing would ever close again.
    select counted.feed
    from counted
    left join quarantine_before on counted.feed = quarantine_before.feed
    where counted.n_rows > coalesce(quarantine_before.n_rows, 0)

)

select * from damaged
