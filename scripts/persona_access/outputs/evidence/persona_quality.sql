-- How well each persona's list and its members' access agree.
select
    persona_id,
    n_members,
    n_listed,
    listed_held_share,
    held_listed_share,
    n_listed_held_by_nobody,
    n_unlisted_held_by_most,
    member_stability
from marts.fct_persona_quality
where as_of_date = {{ parameter.week }}
order by persona_id
