with

rule_candidates as (

    select
        coalesce(management_level_key, '(none)') as management_level,
        coalesce(cost_center_key, '(none)') as cost_center,
        coalesce(attributes_key, '') as attributes_key,
        rule_id || ' v' || rule_version as rule_name,
        persona_id
    from {{ ref('int_rule_candidates') }}
    where rule_outcome = 'ambiguous'

),

tied_cells as (

    select
        management_level,
        cost_center,
        attributes_key,
        {{ dbt.listagg(
            measure="rule_name || ' -> ' || persona_id",
            delimiter_text="', '",
            order_by_clause="order by rule_name, persona_id",
        ) }} as rules
    from rule_candidates
    group by 1, 2, 3

),

ties as (

    select
        rules as decision_id,
        'priority' as column_name,
        count(*) as n_cells,
        min(management_level || ' x ' || cost_center || attributes_key) as example_cell,
        'ambiguous_rules: equally strong, different personas. Narrow one or give one a priority.'
            as reason
    from tied_cells
    group by 1

)

select * from ties
