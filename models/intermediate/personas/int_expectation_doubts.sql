{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

brids as (

    select
        brid,
        is_hr_row_quarantined,
        unresolved_reason
    from {{ ref('int_brids') }}

),

persona_sets as (

    select
        as_of_date,
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }} or as_of_date = {{ previous_date }}

),

emptied as (

    select brid from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }} and last_whole_date < as_of_date

),

members_quarantined as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'persona_members'
        and is_row_quarantined
        and {{ is_data_row() }}

    union all

    select brid from {{ ref('stg_personas__members') }}
    where brid is null

),

unreadable_before as (

    select coalesce(sum(n_rows), 0) as n_rows
    from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'persona_members' and brid is null

),

unreadable_now as (

    select count(*) as n_rows from members_quarantined
    where brid is null

),

members_named as (

    select brid from members_quarantined
    where brid is not null
    group by 1

),

damage as (

    -- Rows that were as bad before prove nothing, and in the first week all personas are new.
    select
        unreadable_now.n_rows > unreadable_before.n_rows
        and {{ previous_date }} is not null as is_any
    from unreadable_now
    cross join unreadable_before

),

sets_changed as (

    -- It is unknown whose rows a damaged file lost: perhaps those of people whose personas changed.
    select persona_sets.brid
    from persona_sets
    cross join damage
    where damage.is_any
    group by 1
    having min(persona_sets.persona_set_id) <> max(persona_sets.persona_set_id) or count(*) = 1

),

doubted as (

    select
        brids.brid,
        case
            when brids.is_hr_row_quarantined then 'hr_row_quarantined'
            when members_named.brid is not null or sets_changed.brid is not null
                then 'membership_row_quarantined'
            when emptied.brid is not null then 'hr_attribute_missing'
        end as doubt_reason,
        brids.unresolved_reason
    from brids
    left join emptied on brids.brid = emptied.brid
    left join members_named on brids.brid = members_named.brid
    left join sets_changed on brids.brid = sets_changed.brid

),

doubts as (

    select * from doubted
    where doubt_reason is not null or unresolved_reason is not null

)

select * from doubts
