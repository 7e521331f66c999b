-- Rules that match the proposed person, the best first; `built_rules` are those of the warehouse.
with

matches as (

    select * from intermediate.int_rule_matches

),

candidates as (

    select * from intermediate.int_rule_candidates

)

select
    matches.rule_id || ' v' || matches.rule_version as rule,
    matches.effect,
    matches.persona_id as persona,
    coalesce(candidates.rule_outcome, 'excludes') as outcome,
    candidates.rule_rank as place,
    nullif(candidates.is_redundant, false) as is_redundant,
    candidates.excluding_rule_id as excluded_by,
    built_rules.management_level,
    built_rules.cost_center,
    built_rules.conditions,
    built_rules.priority,
    built_rules.owner,
    built_rules.approved_by,
    built_rules.approved_on,
    built_rules.rationale
from matches
left join candidates
    on
        matches.rule_id = candidates.rule_id
        and matches.rule_version = candidates.rule_version
left join built_rules
    on
        matches.rule_id = built_rules.rule_id
        and matches.rule_version = built_rules.rule_version
order by candidates.rule_rank nulls first, rule
