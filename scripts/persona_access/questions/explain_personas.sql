select
    assignments.persona_id,
    personas.persona_name,
    assignments.assignment_method,
    assignments.source_id,
    assignments.support,
    assignments.confidence,
    assignments.unresolved_reason,
    assignments.management_level,
    assignments.cost_center
from marts.fct_persona_assignments as assignments
left join marts.dim_personas as personas on assignments.persona_id = personas.persona_id
where assignments.as_of_date = {{ parameter.week }} and assignments.brid = {{ parameter.brid }}
order by
    list_position(
        ['override', 'persona_list', 'rule', 'pretrained', 'baseline', 'none'],
        assignments.assignment_method
    ),
    assignments.persona_id
