with

matches as (

    select * from {{ ref('int_rule_matches') }}

),

exclusions as (

    select
        coalesce(management_level_key, '') as management_level_key,
        coalesce(cost_center_key, '') as cost_center_key,
        coalesce(attributes_key, '') as attributes_key,
        persona_id,
        min(rule_id) as excluding_rule_id
    from matches
    where effect = 'exclude'
    group by 1, 2, 3, 4

),

assigning as (

    select
        matches.*,
        coalesce(excluded_here.excluding_rule_id, excluded_all.excluding_rule_id)
            as excluding_rule_id
    from matches
    left join exclusions as excluded_here
        on
            coalesce(matches.management_level_key, '') = excluded_here.management_level_key
            and coalesce(matches.cost_center_key, '') = excluded_here.cost_center_key
            and coalesce(matches.attributes_key, '') = excluded_here.attributes_key
            and matches.persona_id = excluded_here.persona_id
    left join exclusions as excluded_all
        on
            coalesce(matches.management_level_key, '') = excluded_all.management_level_key
            and coalesce(matches.cost_center_key, '') = excluded_all.cost_center_key
            and coalesce(matches.attributes_key, '') = excluded_all.attributes_key
            and excluded_all.persona_id = '*'
    where matches.effect = 'assign'

),

ranked as (

    -- Exclude beats assign; then explicit priority; then specificity. The id and the order of the
    -- file never decide.
    select
        *,
        rank() over (
            partition by management_level_key, cost_center_key, attributes_key
            order by
                case when excluding_rule_id is null then 0 else 1 end,
                priority nulls last,
                cost_center_specificity desc,
                prefix_length desc,
                management_level_specificity desc,
                n_conditions desc
        ) as rule_rank
    from assigning

),

best_of_cell as (

    select
        coalesce(management_level_key, '') as management_level_key,
        coalesce(cost_center_key, '') as cost_center_key,
        coalesce(attributes_key, '') as attributes_key,
        count(distinct persona_id) as n_best_personas,
        count(*) as n_best_rules
    from ranked
    where rule_rank = 1 and excluding_rule_id is null
    group by 1, 2, 3

),

classified as (

    select
        ranked.management_level_key,
        ranked.cost_center_key,
        ranked.attributes_key,
        ranked.persona_id,
        ranked.rule_id,
        ranked.rule_version,
        ranked.excluding_rule_id,
        ranked.rule_rank,
        case
            when ranked.excluding_rule_id is not null then 'excluded'
            when ranked.rule_rank > 1 then 'outranked'
            when best_of_cell.n_best_personas > 1 then 'ambiguous'
            else 'best'
        end as rule_outcome,
        coalesce(
            ranked.rule_rank = 1
            and best_of_cell.n_best_rules > 1
            and best_of_cell.n_best_personas = 1,
            false
        ) as is_redundant
    from ranked
    left join best_of_cell
        on
            coalesce(ranked.management_level_key, '') = best_of_cell.management_level_key
            and coalesce(ranked.cost_center_key, '') = best_of_cell.cost_center_key
            and coalesce(ranked.attributes_key, '') = best_of_cell.attributes_key

)

select * from classified
