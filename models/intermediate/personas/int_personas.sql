with

requirements as (

    select
        persona_id,
        persona_name,
        business_unit,
        is_baseline
    from {{ ref('stg_personas__requirements') }}

),

personas as (

    select
        persona_id,
        min(persona_name) as persona_name,
        min(business_unit) as business_unit,
        bool_or(is_baseline) as is_baseline
    from requirements
    group by 1

)

select * from personas
