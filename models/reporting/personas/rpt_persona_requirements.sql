with

requirements as (

    select
        as_of_date,
        persona_id,
        application_id,
        requirement
    from {{ ref('fct_persona_requirements') }}
    where as_of_date = {{ as_of_date() }}

),

access as (

    select
        application_id,
        persona_ids,
        reconciliation_status
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and persona_ids is not null

),

personas as (

    select
        persona_id,
        n_employees
    from {{ ref('dim_personas') }}

),

counted as (

    -- First by the personas that ask for it together: these are few, where pairs are many.
    select
        application_id,
        ' | ' || persona_ids || ' | ' as all_persona_ids,
        count(*) filter (where reconciliation_status = 'match') as n_match,
        count(*) filter (where reconciliation_status = 'missing') as n_missing
    from access
    group by 1, 2

),

of_persona as (

    select
        requirements.as_of_date,
        requirements.persona_id,
        requirements.application_id,
        requirements.requirement,
        coalesce(sum(counted.n_match), 0) as n_match,
        coalesce(sum(counted.n_missing), 0) as n_missing
    from requirements
    left join counted
        on
            requirements.application_id = counted.application_id
            and {{ dbt.position(
                "' | ' || requirements.persona_id || ' | '", "counted.all_persona_ids"
            ) }} > 0
    group by 1, 2, 3, 4

),

rated as (

    select
        of_persona.as_of_date,
        of_persona.persona_id,
        of_persona.application_id,
        of_persona.requirement,
        personas.n_employees,
        cast(of_persona.n_match as {{ dbt.type_bigint() }}) as n_match,
        cast(of_persona.n_missing as {{ dbt.type_bigint() }}) as n_missing,
        {{ match_rate() }} as match_rate
    from of_persona
    left join personas on of_persona.persona_id = personas.persona_id

)

select * from rated
