select
    assignments.persona_id,
    rules.rule_id,
    rules.rule_version,
    rules.conditions,
    rules.n_employees_decided as n_decided,
    count(*) as n_people,
    sum(count(*)) over (partition by assignments.persona_id) as n_of_persona
from marts.fct_persona_assignments as assignments
left join marts.dim_mapping_rules as rules
    on assignments.source_id = concat(rules.rule_id, ' v', rules.rule_version)
where
    assignments.as_of_date = {{ parameter.week }}
    and assignments.assignment_method <> 'baseline'
    and assignments.persona_id in ({{ parameter.persona }}, {{ parameter.other_persona }})
    and coalesce(
        assignments.cost_center = {{ parameter.cost_center }}, {{ parameter.cost_center }} is null
    )
group by 1, 2, 3, 4, 5
order by n_of_persona desc, 1, 2, 3
