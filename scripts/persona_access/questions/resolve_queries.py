"""The questions of `persona-access resolve` to the database of a proposal."""

WEEK = "select max(as_of_date) as week from raw.week_extracts"

PEOPLE_WITH_THE_PAIR = """
select count(built_employees.brid) as people
from intermediate.int_employees as proposed
left join built_employees
    on
        lower(proposed.management_level) = lower(built_employees.management_level)
        and lower(proposed.cost_center) = lower(built_employees.cost_center)
        and built_employees.is_employed
"""

PERSONAS = """
select
    persona_id as persona,
    assignment_method as method,
    source_id as source,
    support,
    confidence
from intermediate.int_persona_assignments
where brid = $brid and persona_id is not null
order by assignment_method = 'baseline', persona_id
"""

UNRESOLVED = """
select max(unresolved_reason) as reason
from intermediate.int_persona_assignments
where brid = $brid
"""

RULES = """
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
    built_rules.priority,
    built_rules.owner,
    built_rules.approved_by,
    built_rules.approved_on,
    built_rules.rationale
from intermediate.int_rule_matches as matches
left join intermediate.int_rule_candidates as candidates
    on
        matches.rule_id = candidates.rule_id
        and matches.rule_version = candidates.rule_version
left join built_rules
    on
        matches.rule_id = built_rules.rule_id
        and matches.rule_version = built_rules.rule_version
order by candidates.rule_rank nulls first, rule
"""

PRETRAINED = """
select
    suggestion_rank as place,
    persona_id as persona,
    confidence,
    assured_precision,
    support,
    hits,
    candidate_outcome as outcome,
    mapping_id as mapping
from intermediate.int_pretrained_candidates
order by suggestion_rank
"""
