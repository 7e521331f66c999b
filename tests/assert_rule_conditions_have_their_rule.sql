with

rule_conditions as (

    select * from {{ ref('stg_decisions__rule_conditions') }}

),

mapping_rules as (

    select
        rule_id,
        rule_version
    from {{ ref('stg_decisions__mapping_rules') }}

),

strays as (

    select
        'rule_conditions' as seed_name,
        rule_conditions.rule_id as decision_id,
        'rule_version' as column_name,
        rule_conditions.rule_version,
        rule_conditions.attribute_name || '=' || rule_conditions.attribute_value as condition,
        'mapping_rules.csv has no such version of the rule, so the condition narrows nothing.'
            as reason
    from rule_conditions
    left join mapping_rules
        on
            rule_conditions.rule_id = mapping_rules.rule_id
            and rule_conditions.rule_version = mapping_rules.rule_version
    where mapping_rules.rule_id is null

)

select * from strays
