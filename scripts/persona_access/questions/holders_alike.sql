-- Of people whose persona the list names, how many hold a persona, by what they share with one.
with

employees as (

    select
        brid,
        unnest([
            { 'place': 1, 'shared': 'job title', 'shared_value': job_title },
            { 'place': 2, 'shared': 'manager', 'shared_value': manager_brid },
            { 'place': 3, 'shared': 'cost center', 'shared_value': cost_center },
            { 'place': 4, 'shared': 'department', 'shared_value': department },
            { 'place': 5, 'shared': 'management level', 'shared_value': management_level },
            { 'place': 6, 'shared': 'worker type', 'shared_value': worker_type }
        ], recursive := true)
    from marts.dim_employees

),

listed as (

    select
        brid,
        list(persona_id) as persona_ids
    from marts.fct_persona_assignments
    where as_of_date = {{ parameter.week }} and assignment_method = 'persona_list'
    group by 1

),

asked as (

    select * from employees
    where brid = {{ parameter.brid }}

),

alike as (

    select
        asked.*,
        listed.persona_ids
    from asked
    inner join employees
        on
            asked.place = employees.place
            and lower(asked.shared_value) = lower(employees.shared_value)
    inner join listed on employees.brid = listed.brid

)

select
    personas.persona_id as persona,
    alike.shared as same,
    alike.shared_value as value,
    count(*) filter (where list_contains(alike.persona_ids, personas.persona_id)) as hold_it,
    count(*) as of_people
from unnest({{ parameter.personas }}) as personas (persona_id)
cross join alike
group by personas.persona_id, alike.place, alike.shared, alike.shared_value
order by list_position({{ parameter.personas }}, personas.persona_id), alike.place
