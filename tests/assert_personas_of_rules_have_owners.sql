with

mapping_rules as (

    select
        rule_id,
        rule_version,
        persona_id
    from {{ ref('stg_decisions__mapping_rules') }}
    where is_in_force and effect = 'assign'

),

persona_owners as (

    select persona_id from {{ ref('int_persona_owners') }}

),

owners_counted as (

    select count(*) as n_owners from persona_owners

),

unowned as (

    select
        'mapping_rules' as seed_name,
        mapping_rules.rule_id || ' v' || mapping_rules.rule_version as decision_id,
        'persona_id' as column_name,
        mapping_rules.persona_id as value_found,
        'persona_owners.csv has no owner of this persona who could approve the rule.' as reason
    from mapping_rules
    left join persona_owners on mapping_rules.persona_id = persona_owners.persona_id
    cross join owners_counted
    where persona_owners.persona_id is null and owners_counted.n_owners > 0

)

select * from unowned
