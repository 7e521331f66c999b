with

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
        application_id,
        count(*) over (partition by persona_id) as n_listed
    from {{ ref('int_persona_requirements') }}
    where requirement in ('mandatory', 'optional')

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

    -- Everybody has the baseline: it is similar to no other persona.
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
        count(*) * {{ as_double(1) }}
        / (max(listed.n_listed) + max(second_lists.n_listed) - count(*))
            as shared_application_share
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
        shared_applications.shared_application_share
    from shared_members
    full join shared_applications using (persona_id, other_persona_id)

),

likeness_rated as (

    select
        likeness.persona_id,
        likeness.other_persona_id,
        likeness.n_shared_members * {{ as_double(1) }} / nullif(own_members.n_members, 0)
            as shared_member_share,
        likeness.shared_application_share
    from likeness
    left join own_members on likeness.persona_id = own_members.persona_id

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

)

select * from most_alike
