select
    rule_id || ' v' || rule_version as rule,
    management_level,
    cost_center,
    conditions,
    priority,
    owner,
    author,
    approved_by,
    approved_on,
    valid_from,
    valid_to,
    rationale
from marts.dim_mapping_rules
where list_contains(string_split({{ parameter.source_id }}, ', '), rule)
order by rule
