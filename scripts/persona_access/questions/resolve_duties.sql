-- The rules of duties that a persona of the answer violates by design.
select
    sod_rule_id as rule,
    severity,
    sod_rule_name as what,
    persona_id as persona,
    held_of_a as one_side,
    held_of_b as other_side
from built_duties
where persona_id in (select unnest({{ parameter.personas }}))
order by rule, persona
