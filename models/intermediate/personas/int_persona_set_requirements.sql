with

set_personas as (

    select
        persona_set_id,
        persona_id
    from {{ ref('int_persona_set_personas') }}

),

persona_requirements as (

    select
        persona_id,
        application_id,
        requirement
    from {{ ref('int_persona_requirements') }}

),

merged as (

    -- Several personas of one person: prohibited beats mandatory, mandatory beats optional.
    select
        {{ as_of_date() }} as as_of_date,
        set_personas.persona_set_id,
        persona_requirements.application_id,
        {{ merge_requirements('persona_requirements.requirement') }} as requirement,
        {{ dbt.listagg(
            measure="set_personas.persona_id",
            delimiter_text="' | '",
            order_by_clause="order by set_personas.persona_id",
        ) }} as persona_ids
    from set_personas
    inner join persona_requirements on set_personas.persona_id = persona_requirements.persona_id
    group by 1, 2, 3

)

select * from merged
