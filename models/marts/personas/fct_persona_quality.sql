with

persona_applications as (

    select * from {{ ref('fct_persona_applications') }}
    where as_of_date = {{ as_of_date() }}

),

personas as (

    select persona_id from {{ ref('dim_personas') }}

),

stability as (

    select * from {{ ref('int_persona_stability') }}

),

most_alike as (

    select * from {{ ref('int_persona_likeness') }}

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

rated as (

    select
        {{ as_of_date() }} as as_of_date,
        personas.persona_id,
        cast(coalesce(access_counts.n_members, 0) as {{ dbt.type_bigint() }}) as n_members,
        cast(coalesce(access_counts.n_listed, 0) as {{ dbt.type_bigint() }}) as n_listed,
        cast(
            access_counts.n_listed_held
            * {{ as_double(1) }}
            / nullif(access_counts.n_listed_pairs, 0)
            as numeric(7, 6)
        ) as listed_held_share,
        cast(
            access_counts.n_listed_held * {{ as_double(1) }}
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
