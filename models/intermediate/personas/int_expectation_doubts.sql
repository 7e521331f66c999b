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

damaged_feeds as (

    select feed from {{ ref('int_damaged_feeds') }}

),

members_quarantined as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where feed = 'persona_members' and brid is not null
    group by 1

),

sets_changed as (

    -- Of the rows that a damaged file lost, nobody knows whose they were: it may be those whose
    -- personas changed with it.
    select brid
    from persona_sets
    group by 1
    having min(persona_set_id) <> max(persona_set_id) or count(*) = 1

),

doubted as (

    select
        brids.brid,
        case
            when brids.is_hr_row_quarantined then 'hr_row_quarantined'
            when members_quarantined.brid is not null then 'membership_row_quarantined'
            when damaged_members.feed is not null and sets_changed.brid is not null
                then 'membership_row_quarantined'
            when damaged_list.feed is not null then 'requirement_row_quarantined'
        end as doubt_reason,
        brids.unresolved_reason
    from brids
    left join members_quarantined on brids.brid = members_quarantined.brid
    left join sets_changed on brids.brid = sets_changed.brid
    left join damaged_feeds as damaged_members on damaged_members.feed = 'persona_members'
    left join damaged_feeds as damaged_list on damaged_list.feed = 'persona_list'

),

doubts as (

    select * from doubted
    where doubt_reason is not null or unresolved_reason is not null

)

select * from doubts
