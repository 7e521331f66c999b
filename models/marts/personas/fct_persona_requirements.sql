with

persona_requirements as (

    select * from {{ ref('int_persona_requirements') }}

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        persona_id,
        application_id,
        requirement
    from persona_requirements

)

select * from dated
