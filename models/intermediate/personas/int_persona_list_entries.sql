with

requirements as (

    select
        persona_id,
        application_id,
        requirement
    from {{ ref('int_persona_requirements') }}

),

personas as (

    select
        persona_id,
        is_baseline
    from {{ ref('int_personas') }}

),

entries as (

    select
        requirements.persona_id,
        requirements.application_id,
        requirements.requirement,
        personas.is_baseline
    from requirements
    inner join personas on requirements.persona_id = personas.persona_id

)

select * from entries
