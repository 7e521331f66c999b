select
    change,
    persona_id,
    cost_center,
    application_id,
    count(distinct brid) as people
from expectation_changes
group by 1, 2, 3, 4
order by change, persona_id, cost_center nulls first, application_id
