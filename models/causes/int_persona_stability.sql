with

assignments as (

    select
        as_of_date,
        persona_id,
        brid
    from {{ ref('fct_persona_assignments') }}
    where
        as_of_date between cast(
            {{ dbt.dateadd('day', -7 * var('persona_stability_weeks'), as_of_date()) }} as date
        ) and {{ as_of_date() }}
        and persona_id is not null

),

first_weeks as (

    select
        persona_id,
        min(as_of_date) as first_date
    from assignments
    group by 1

),

memberships as (

    -- Now, and in the first of the compared weeks.
    select
        assignments.persona_id,
        assignments.brid,
        count(*) as n_sightings
    from assignments
    inner join first_weeks on assignments.persona_id = first_weeks.persona_id
    where assignments.as_of_date in (first_weeks.first_date, {{ as_of_date() }})
    group by 1, 2

),

stability as (

    select
        memberships.persona_id,
        count(*) filter (where memberships.n_sightings = 2) * {{ as_double(1) }} / count(*)
            as member_stability
    from memberships
    inner join first_weeks on memberships.persona_id = first_weeks.persona_id
    where first_weeks.first_date < {{ as_of_date() }}
    group by 1

)

select * from stability
