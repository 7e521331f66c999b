{{ config(severity='warn') }}

with

mapping_rules as (

    select
        rule_id,
        rule_version,
        is_redundant,
        is_unreachable
    from {{ ref('dim_mapping_rules') }}

),

idle_rules as (

    select
        rule_id || ' v' || rule_version as decision_id,
        case
            when is_redundant
                then 'redundant_rule: another rule gives the same persona with equal strength.'
            else 'unreachable_rule: stronger rules decide wherever it matches.'
        end as reason
    from mapping_rules
    where is_redundant or is_unreachable

)

select * from idle_rules
