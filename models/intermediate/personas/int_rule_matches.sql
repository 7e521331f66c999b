with

cells as (

    select
        management_level_key,
        cost_center_key,
        attributes_key
    from {{ ref('int_mapping_cells') }}

),

rule_conditions as (

    select * from {{ ref('stg_decisions__rule_conditions') }}

),

mapping_rules as (

    select * from {{ ref('int_rules_in_force') }}

),

{{ unmet_conditions('cells', 'rule_conditions', ['rule_id', 'rule_version']) }},

prefix_lengths as (

    select prefix_length from mapping_rules
    where cost_center_match = 'prefix'
    group by 1

),

cost_center_keys as (

    -- Every way in which a rule could name the cell, so that matching is an equality join.
    select
        *,
        cost_center_key as rule_cost_center_key,
        'exact' as cost_center_match
    from cells
    where cost_center_key is not null

    union all

    select
        cells.*,
        left(cells.cost_center_key, prefix_lengths.prefix_length) as rule_cost_center_key,
        'prefix' as cost_center_match
    from cells
    inner join prefix_lengths on length(cells.cost_center_key) >= prefix_lengths.prefix_length

    union all

    select
        *,
        '*' as rule_cost_center_key,
        'any' as cost_center_match
    from cells

),

cell_keys as (

    select
        *,
        management_level_key as rule_management_level_key
    from cost_center_keys
    where management_level_key is not null

    union all

    select
        *,
        '*' as rule_management_level_key
    from cost_center_keys

),

matches as (

    select
        cell_keys.management_level_key,
        cell_keys.cost_center_key,
        cell_keys.attributes_key,
        mapping_rules.rule_id,
        mapping_rules.rule_version,
        mapping_rules.effect,
        mapping_rules.persona_id,
        mapping_rules.priority,
        mapping_rules.cost_center_specificity,
        mapping_rules.prefix_length,
        mapping_rules.management_level_specificity,
        mapping_rules.n_conditions
    from cell_keys
    inner join mapping_rules
        on
            cell_keys.rule_management_level_key = mapping_rules.management_level_key
            and cell_keys.rule_cost_center_key = mapping_rules.cost_center_key
            and cell_keys.cost_center_match = mapping_rules.cost_center_match
    left join unmet_conditions
        on
            mapping_rules.rule_id = unmet_conditions.rule_id
            and mapping_rules.rule_version = unmet_conditions.rule_version
            and coalesce(cell_keys.attributes_key, '') = unmet_conditions.attributes_key
    where
        -- An empty attribute matches a wildcard only where the rule says so.
        (
            mapping_rules.is_null_matched
            or (
                cell_keys.management_level_key is not null
                and cell_keys.cost_center_key is not null
            )
        )
        and unmet_conditions.rule_id is null

)

select * from matches
