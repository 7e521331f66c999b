with

persona_applications as (

    select * from {{ ref('fct_persona_applications') }}
    where as_of_date = {{ as_of_date() }}

),

personas as (

    select persona_id from {{ ref('dim_personas') }}

),

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

set_personas as (

    select
        persona_set_id,
        persona_id,
        is_by_baseline,
        n_employees
    from {{ ref('int_persona_set_personas') }}

),

listed as (

    select
        persona_id,
        application_id
    from persona_applications
    where requirement in ('mandatory', 'optional')

),

access_counts as (

    select
        persona_id,
        max(n_members) as n_members,
        count(*) filter (where requirement in ('mandatory', 'optional')) as n_listed,
        count(*) filter (
            where requirement in ('mandatory', 'optional') and n_members > 0 and n_holders = 0
        ) as n_listed_held_by_nobody,
        count(*) filter (
            where
            requirement is null
            and n_members >= {{ var('cause_min_findings') }}
            and n_unlisted_holders >= n_members * {{ var('persona_most_share') }}
        ) as n_unlisted_held_by_most,
        sum(
            case when requirement in ('mandatory', 'optional') then n_members else 0 end
        ) as n_listed_pairs,
        sum(
            case when requirement in ('mandatory', 'optional') then n_holders else 0 end
        ) as n_listed_held,
        sum(n_unlisted_holders) as n_unlisted_held
    from persona_applications
    group by 1

),

listed_counts as (

    select
        persona_id,
        count(*) as n_listed
    from listed
    group by 1

),

first_weeks as (

    select
        persona_id,
        min(as_of_date) as first_date
    from assignments
    group by 1

),

memberships as (

    -- Now, and in the first of the weeks that are looked at.
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
        count(*) filter (where memberships.n_sightings = 2) * 1.0e0 / count(*) as member_stability
    from memberships
    inner join first_weeks on memberships.persona_id = first_weeks.persona_id
    where first_weeks.first_date < {{ as_of_date() }}
    group by 1

),

own_members as (

    select
        persona_id,
        sum(n_employees) as n_members
    from set_personas
    where not is_by_baseline
    group by 1

),

shared_members as (

    -- Everybody has the baseline: it is like no other persona.
    select
        set_personas.persona_id,
        second_personas.persona_id as other_persona_id,
        sum(set_personas.n_employees) as n_shared_members
    from set_personas
    inner join set_personas as second_personas
        on
            set_personas.persona_set_id = second_personas.persona_set_id
            and set_personas.persona_id <> second_personas.persona_id
    where not set_personas.is_by_baseline and not second_personas.is_by_baseline
    group by 1, 2

),

shared_applications as (

    select
        listed.persona_id,
        second_lists.persona_id as other_persona_id,
        count(*) as n_shared_applications
    from listed
    inner join listed as second_lists
        on
            listed.application_id = second_lists.application_id
            and listed.persona_id <> second_lists.persona_id
    group by 1, 2

),

likeness as (

    select
        persona_id,
        other_persona_id,
        coalesce(shared_members.n_shared_members, 0) as n_shared_members,
        coalesce(shared_applications.n_shared_applications, 0) as n_shared_applications
    from shared_members
    full join shared_applications using (persona_id, other_persona_id)

),

likeness_rated as (

    select
        likeness.persona_id,
        likeness.other_persona_id,
        likeness.n_shared_members * 1.0e0 / nullif(own_members.n_members, 0)
            as shared_member_share,
        likeness.n_shared_applications * 1.0e0
        / nullif(own_counts.n_listed + other_counts.n_listed - likeness.n_shared_applications, 0)
            as shared_application_share
    from likeness
    left join own_members on likeness.persona_id = own_members.persona_id
    left join listed_counts as own_counts on likeness.persona_id = own_counts.persona_id
    left join listed_counts as other_counts
        on likeness.other_persona_id = other_counts.persona_id

),

likeness_ranked as (

    select
        *,
        row_number() over (
            partition by persona_id
            order by
                coalesce(shared_application_share, 0) desc,
                coalesce(shared_member_share, 0) desc,
                other_persona_id
        ) as likeness_rank
    from likeness_rated

),

most_alike as (

    select * from likeness_ranked
    where likeness_rank = 1

),

rated as (

    select
        {{ as_of_date() }} as as_of_date,
        personas.persona_id,
        cast(coalesce(access_counts.n_members, 0) as {{ dbt.type_bigint() }}) as n_members,
        cast(coalesce(access_counts.n_listed, 0) as {{ dbt.type_bigint() }}) as n_listed,
        cast(
            access_counts.n_listed_held * 1.0e0 / nullif(access_counts.n_listed_pairs, 0)
            as numeric(7, 6)
        ) as listed_held_share,
        cast(
            access_counts.n_listed_held * 1.0e0
            / nullif(access_counts.n_listed_held + access_counts.n_unlisted_held, 0)
            as numeric(7, 6)
        ) as held_listed_share,
        cast(coalesce(access_counts.n_listed_held_by_nobody, 0) as {{ dbt.type_bigint() }})
            as n_listed_held_by_nobody,
        cast(coalesce(access_counts.n_unlisted_held_by_most, 0) as {{ dbt.type_bigint() }})
            as n_unlisted_held_by_most,
        cast(stability.member_stability as numeric(7, 6)) as member_stability,
        most_alike.other_persona_id as most_alike_persona_id,
        cast(most_alike.shared_application_share as numeric(7, 6)) as shared_application_share,
        cast(most_alike.shared_member_share as numeric(7, 6)) as shared_member_share
    from personas
    left join access_counts on personas.persona_id = access_counts.persona_id
    left join stability on personas.persona_id = stability.persona_id
    left join most_alike on personas.persona_id = most_alike.persona_id

)

select * from rated
