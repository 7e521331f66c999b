select
    coalesce(personas_before, 'none (' || unresolved_before || ')', 'none') as before,
    coalesce(personas_after, 'none (' || unresolved_after || ')', 'none') as after,
    method_before,
    method_after,
    count(*) as people
from persona_changes
where change <> 'source'
group by 1, 2, 3, 4
order by people desc, before, after, method_before, method_after
