select persona_id
from marts.fct_persona_requirements
where
    as_of_date = {{ parameter.week }}
    and application_id = {{ parameter.application_id }}
    and requirement = 'mandatory'
order by persona_id
