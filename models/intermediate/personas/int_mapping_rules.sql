with

mapping_rules as (

    select
        rule_id,
        rule_version,
        effect,
        management_level,
        cost_center,
        persona_id,
        priority,
        is_null_matched,
        valid_from,
        valid_to,
        owner,
        author,
        approved_by,
        approved_on,
        rationale,
        is_in_force
    from {{ ref('stg_decisions__mapping_rules') }}

),

rule_candidates as (

    select * from {{ ref('int_rule_candidates') }}

),

cells as (

    select * from {{ ref('int_mapping_cells') }}

),

rule_conditions as (

    select
        rule_id,
        rule_version,
        {{ dbt.listagg(
            measure="attribute_name || '=' || attribute_value",
            delimiter_text="', '",
            order_by_clause="order by attribute_name, attribute_value",
        ) }} as conditions
    from {{ ref('stg_decisions__rule_conditions') }}
    group by 1, 2

),

matched as (

    select
        rule_id,
        rule_version,
        count(*) as n_cells_matched
    from {{ ref('int_rule_matches') }}
    group by 1, 2

),

decided as (

    select
        rule_candidates.rule_id,
        rule_candidates.rule_version,
        count(*) as n_cells_decided,
        sum(cells.n_employees) as n_employees_decided,
        bool_or(rule_candidates.is_redundant) as is_redundant,
        bool_or(rule_candidates.rule_outcome = 'ambiguous') as is_ambiguous
    from rule_candidates
    inner join cells
        on
            coalesce(rule_candidates.management_level_key, '')
            = coalesce(cells.management_level_key, '')
            and coalesce(rule_candidates.cost_center_key, '') = coalesce(cells.cost_center_key, '')
            and coalesce(rule_candidates.attributes_key, '') = coalesce(cells.attributes_key, '')
    where rule_candidates.rule_outcome in ('best', 'ambiguous')
    group by 1, 2

),

measured as (

    select
        mapping_rules.*,
        rule_conditions.conditions,
        cast(coalesce(matched.n_cells_matched, 0) as {{ dbt.type_int() }}) as n_cells_matched,
        cast(coalesce(decided.n_cells_decided, 0) as {{ dbt.type_int() }}) as n_cells_decided,
        cast(coalesce(decided.n_employees_decided, 0) as {{ dbt.type_int() }})
            as n_employees_decided,
        coalesce(decided.is_redundant, false) as is_redundant,
        coalesce(decided.is_ambiguous, false) as is_ambiguous,
        (
            mapping_rules.is_in_force
            and mapping_rules.effect = 'assign'
            and decided.rule_id is null
        ) as is_unreachable
    from mapping_rules
    left join rule_conditions
        on
            mapping_rules.rule_id = rule_conditions.rule_id
            and mapping_rules.rule_version = rule_conditions.rule_version
    left join matched
        on
            mapping_rules.rule_id = matched.rule_id
            and mapping_rules.rule_version = matched.rule_version
    left join decided
        on
            mapping_rules.rule_id = decided.rule_id
            and mapping_rules.rule_version = decided.rule_version

)

select * from measured
