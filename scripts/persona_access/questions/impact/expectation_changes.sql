-- Expected access, optional included, whether or not somebody holds it.
create table expectation_changes as
with

expectations as (

    select
        'base' as side,
        sets.brid,
        requirements.application_id,
        requirements.persona_ids
    from base.persona_sets as sets
    inner join base.set_requirements as requirements
        using (as_of_date, persona_set_id)

    union all

    select
        'work' as side,
        sets.brid,
        requirements.application_id,
        requirements.persona_ids
    from work.persona_sets as sets
    inner join work.set_requirements as requirements
        using (as_of_date, persona_set_id)

),

one_sided as (

    select
        brid,
        application_id,
        min(side) as side,
        min(persona_ids) as persona_ids
    from expectations
    group by 1, 2
    having count(*) = 1

)

select
    case one_sided.side when 'work' then 'gained' else 'lost' end as change,
    one_sided.brid,
    one_sided.application_id,
    unnest(string_split(one_sided.persona_ids, ' | ')) as persona_id,
    people.cost_center
from one_sided
left join (
    select
        brid,
        min(cost_center) as cost_center
    from work.persona_assignments
    group by 1
) as people on one_sided.brid = people.brid
