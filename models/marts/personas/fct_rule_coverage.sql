with

cells as (

    select * from {{ ref('int_mapping_cells') }}

),

rule_matches as (

    select
        coalesce(management_level_key, '') as management_level_key,
        coalesce(cost_center_key, '') as cost_center_key,
        coalesce(attributes_key, '') as attributes_key,
        effect
    from {{ ref('int_rule_matches') }}

),

rule_candidates as (

    select
        coalesce(management_level_key, '') as management_level_key,
        coalesce(cost_center_key, '') as cost_center_key,
        coalesce(attributes_key, '') as attributes_key,
        persona_id,
        rule_id,
        rule_version,
        rule_outcome
    from {{ ref('int_rule_candidates') }}

),

match_counts as (

    select
        management_level_key,
        cost_center_key,
        attributes_key,
        count(*) filter (where effect = 'assign') as n_assigning_rules,
        count(*) filter (where effect = 'exclude') as n_excluding_rules
    from rule_matches
    group by 1, 2, 3

),

verdicts as (

    select
        management_level_key,
        cost_center_key,
        attributes_key,
        bool_or(rule_outcome = 'ambiguous') as is_ambiguous,
        count(distinct persona_id) as n_candidate_personas,
        min(case when rule_outcome = 'best' then persona_id end) as persona_id,
        {{ dbt.listagg(
            measure="case when rule_outcome in ('best', 'ambiguous') then rule_id || ' v' || rule_version end",
            delimiter_text="', '",
            order_by_clause="order by rule_id, rule_version",
        ) }} as deciding_rules
    from rule_candidates
    group by 1, 2, 3

),

covered as (

    select
        {{ as_of_date() }} as as_of_date,
        coalesce(cells.management_level_key, '(none)') as management_level,
        coalesce(cells.cost_center_key, '(none)') as cost_center,
        case
            when verdicts.is_ambiguous then 'ambiguous'
            when verdicts.persona_id is not null then 'assigned'
            when match_counts.n_excluding_rules > 0 then 'excluded'
            else 'gap'
        end as coverage,
        verdicts.persona_id,
        verdicts.deciding_rules,
        cast(coalesce(match_counts.n_assigning_rules, 0) as {{ dbt.type_int() }})
            as n_assigning_rules,
        coalesce(verdicts.n_candidate_personas, 0) > 1 as has_overlap,
        cast(cells.n_employees as {{ dbt.type_int() }}) as n_employees,
        coalesce(cells.attributes_key, '') as attributes_key
    from cells
    left join match_counts
        on
            coalesce(cells.management_level_key, '') = match_counts.management_level_key
            and coalesce(cells.cost_center_key, '') = match_counts.cost_center_key
            and coalesce(cells.attributes_key, '') = match_counts.attributes_key
    left join verdicts
        on
            coalesce(cells.management_level_key, '') = verdicts.management_level_key
            and coalesce(cells.cost_center_key, '') = verdicts.cost_center_key
            and coalesce(cells.attributes_key, '') = verdicts.attributes_key

)

select * from covered
