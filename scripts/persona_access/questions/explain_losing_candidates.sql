-- The fact keeps the losing candidates of every week, as text for people.
select unnest(string_split(min(losing_candidates), '; ')) as candidate
from marts.fct_persona_assignments
where as_of_date = {{ parameter.week }} and brid = {{ parameter.brid }}
