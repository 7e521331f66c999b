-- A person who holds a baseline persona on both sides holds it regardless of decisions.
create table persona_changes as
with

assignments as (

    select
        'base' as side,
        *
    from base.persona_assignments

    union all

    select
        'work' as side,
        *
    from work.persona_assignments

),

on_both_sides as (

    select
        brid,
        persona_id
    from assignments
    where assignment_method = 'baseline'
    group by 1, 2
    having count(*) = 2

),

people as (

    select
        assignments.side,
        assignments.brid,
        min(assignments.management_level) as management_level,
        min(assignments.cost_center) as cost_center,
        string_agg(assignments.persona_id, ' | ' order by assignments.persona_id) as personas,
        string_agg(
            distinct nullif(assignments.assignment_method, 'none'),
            ' | '
            order by nullif(assignments.assignment_method, 'none')
        ) as methods,
        string_agg(assignments.source_id, ' | ' order by assignments.persona_id) as sources,
        max(assignments.unresolved_reason) as unresolved_reason
    from assignments
    left join on_both_sides
        on
            assignments.brid = on_both_sides.brid
            and assignments.persona_id = on_both_sides.persona_id
    where on_both_sides.brid is null
    group by 1, 2

),

base_people as (

    select * from people
    where side = 'base'

),

work_people as (

    select * from people
    where side = 'work'

),

joined as (

    select
        brid,
        coalesce(work_people.management_level, base_people.management_level) as management_level,
        coalesce(work_people.cost_center, base_people.cost_center) as cost_center,
        base_people.personas as personas_before,
        work_people.personas as personas_after,
        base_people.methods as method_before,
        work_people.methods as method_after,
        base_people.sources as source_before,
        work_people.sources as source_after,
        base_people.unresolved_reason as unresolved_before,
        work_people.unresolved_reason as unresolved_after
    from base_people
    full join work_people using (brid)

)

select
    case
        when (personas_before is distinct from personas_after) then 'persona'
        when (unresolved_before is distinct from unresolved_after) then 'reason'
        else 'source'
    end as change,
    *
from joined
where
    personas_before is distinct from personas_after
    or unresolved_before is distinct from unresolved_after
    or source_before is distinct from source_after
    or method_before is distinct from method_after
