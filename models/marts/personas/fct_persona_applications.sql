with

set_holders as (

    select
        persona_set_id,
        application_id,
        n_holders,
        n_unlisted_holders,
        n_match,
        n_missing
    from {{ ref('int_persona_set_access') }}

),

set_personas as (

    select * from {{ ref('int_persona_set_personas') }}

),

requirements as (

    select * from {{ ref('int_persona_requirements') }}

),

members as (

    select
        persona_id,
        sum(n_employees) as n_members
    from set_personas
    group by 1

),

employed_holders as (

    select
        application_id,
        sum(n_holders) as n_employed_holders
    from set_holders
    group by 1

),

persona_holders as (

    select
        set_personas.persona_id,
        set_holders.application_id,
        sum(set_holders.n_holders) as n_holders,
        sum(set_holders.n_unlisted_holders) as n_unlisted_holders,
        sum(set_holders.n_match) as n_match,
        sum(set_holders.n_missing) as n_missing
    from set_holders
    inner join set_personas on set_holders.persona_set_id = set_personas.persona_set_id
    group by 1, 2

),

pairs as (

    select
        persona_id,
        application_id,
        requirements.requirement,
        coalesce(persona_holders.n_holders, 0) as n_holders,
        -- An application that this persona lists is not unlisted, even if it is prohibited.
        case
            when requirements.requirement is null then persona_holders.n_unlisted_holders else 0
        end as n_unlisted_holders,
        coalesce(persona_holders.n_match, 0) as n_match,
        coalesce(persona_holders.n_missing, 0) as n_missing
    from requirements
    full join persona_holders using (persona_id, application_id)
    where requirements.requirement is not null or persona_holders.n_holders > 0

),

counted as (

    select
        {{ as_of_date() }} as as_of_date,
        pairs.persona_id,
        pairs.application_id,
        pairs.requirement,
        cast(coalesce(members.n_members, 0) as {{ dbt.type_bigint() }}) as n_members,
        cast(pairs.n_holders as {{ dbt.type_bigint() }}) as n_holders,
        cast(pairs.n_unlisted_holders as {{ dbt.type_bigint() }}) as n_unlisted_holders,
        cast(coalesce(employed_holders.n_employed_holders, 0) as {{ dbt.type_bigint() }})
            as n_employed_holders,
        cast(pairs.n_holders * {{ as_double(1) }} / nullif(members.n_members, 0) as numeric(7, 6))
            as holder_share,
        cast(pairs.n_match as {{ dbt.type_bigint() }}) as n_match,
        cast(pairs.n_missing as {{ dbt.type_bigint() }}) as n_missing
    from pairs
    left join members on pairs.persona_id = members.persona_id
    left join employed_holders on pairs.application_id = employed_holders.application_id

)

select * from counted
