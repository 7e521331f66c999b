select
    suggestion_rank as place,
    persona_id as persona,
    suggested_by,
    confidence,
    support,
    mapping_id as mapping,
    explanation as why
from marts.fct_persona_suggestions
where as_of_date = {{ parameter.week }} and brid = {{ parameter.brid }}
order by suggestion_rank
