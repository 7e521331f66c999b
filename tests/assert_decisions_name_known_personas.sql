with

mapping_rules as (

    select
        rule_id,
        rule_version,
        persona_id
    from {{ ref('stg_decisions__mapping_rules') }}
    where is_in_force and persona_id <> '*'

),

persona_overrides as (

    select
        override_id,
        persona_id
    from {{ ref('stg_decisions__persona_overrides') }}
    where is_in_force

),

personas as (

    select persona_id from {{ ref('int_personas') }}

),

named_personas as (

    select
        'mapping_rules' as seed_name,
        rule_id || ' v' || rule_version as decision_id,
        persona_id
    from mapping_rules

    union all

    select
        'persona_overrides' as seed_name,
        override_id as decision_id,
        persona_id
    from persona_overrides

),

unknown_personas as (

    select
        named_personas.seed_name,
        named_personas.decision_id,
        'persona_id' as column_name,
        named_personas.persona_id as value_found,
        'The persona list does not have this persona.' as reason
    from named_personas
    left join personas on named_personas.persona_id = personas.persona_id
    where personas.persona_id is null

)

select * from unknown_personas
