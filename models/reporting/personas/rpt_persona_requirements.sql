with

applications as (

    select
        as_of_date,
        persona_id,
        application_id,
        requirement,
        n_match,
        n_missing
    from {{ ref('fct_persona_applications') }}
    where as_of_date = {{ as_of_date() }} and requirement is not null

),

personas as (

    select
        persona_id,
        n_employees
    from {{ ref('dim_personas') }}

),

rated as (

    select
        applications.as_of_date,
        applications.persona_id,
        applications.application_id,
        applications.requirement,
        personas.n_employees,
        applications.n_match,
        applications.n_missing,
        {{ match_rate() }} as match_rate
    from applications
    left join personas on applications.persona_id = personas.persona_id

)

select * from rated
