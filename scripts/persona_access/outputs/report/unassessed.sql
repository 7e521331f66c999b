-- With the owner, as counted in the figures of personas, cost centers and managers.
with

people as (

    select
        brid,
        full_name,
        persona_ids,
        cost_center,
        manager_brid,
        case when is_in_hr then '(none)' else '(not in HR)' end as of_nobody
    from rpt_people

)

select
    access.* exclude (access.persona_ids),
    people.full_name,
    people.persona_ids,
    coalesce(people.cost_center, people.of_nobody) as cost_center,
    coalesce(people.manager_brid, people.of_nobody) as manager_brid
from fct_access_reconciliation as access
left join people using (brid)
where
    access.as_of_date = (select week.as_of_date from week)
    and access.reconciliation_status = 'unassessed'
