with

unresolved_employees as (

    select brid from {{ ref('int_unresolved_employees') }}

),

access as (

    select
        brid,
        application_id
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted

),

personas as (

    select
        persona_id,
        is_baseline
    from {{ ref('dim_personas') }}

),

requirements as (

    select
        requirements.persona_id,
        requirements.application_id,
        -- Everybody holds the applications of a baseline, so they distinguish nobody.
        bool_or(personas.is_baseline) over (partition by requirements.application_id)
            as is_by_baseline
    from {{ ref('int_persona_requirements') }} as requirements
    inner join personas on requirements.persona_id = personas.persona_id
    where requirements.requirement in ('mandatory', 'optional')

),

of_baselines as (

    select distinct application_id from requirements
    where is_by_baseline

),

held as (

    select
        access.brid,
        access.application_id,
        count(*) over (partition by access.brid) as n_held
    from access
    inner join unresolved_employees on access.brid = unresolved_employees.brid
    left join of_baselines on access.application_id = of_baselines.application_id
    where of_baselines.application_id is null

),

listed as (

    select
        persona_id,
        application_id,
        count(*) over (partition by persona_id) as n_listed
    from requirements
    where not is_by_baseline

),

likeness as (

    select
        held.brid,
        listed.persona_id,
        cast(count(*) as {{ dbt.type_int() }}) as n_shared,
        cast(max(listed.n_listed) as {{ dbt.type_int() }}) as n_listed,
        cast(max(held.n_held) as {{ dbt.type_int() }}) as n_held,
        count(*)
        * {{ as_double(1) }}
        / (max(held.n_held) + max(listed.n_listed) - count(*)) as shared_share
    from held
    inner join listed on held.application_id = listed.application_id
    group by 1, 2

),

ranked as (

    select
        brid,
        persona_id,
        n_shared,
        n_listed,
        n_held,
        rank() over (partition by brid order by shared_share desc) as likeness_rank,
        count(*) over (partition by brid, shared_share) as n_as_like
    from likeness
    where shared_share >= {{ var('suggestion_min_shared_access') }}

),

likest as (

    select
        brid,
        persona_id,
        n_shared,
        n_listed,
        n_held
    from ranked
    -- Held access cannot distinguish personas with the same list.
    where likeness_rank = 1 and n_as_like = 1

)

select * from likest
