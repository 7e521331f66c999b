select
    persona_id as persona,
    assignment_method as method,
    source_id as source,
    support,
    confidence
from intermediate.int_persona_assignments
where brid = {{ parameter.brid }} and persona_id is not null
order by method = 'baseline', persona
