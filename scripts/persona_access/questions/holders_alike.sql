-- Of people whose persona the list names, how many hold a persona, by what they share with one.
with

{% set attributes = [
    'job_title', 'manager_brid', 'cost_center', 'department', 'management_level', 'worker_type'
] %}

employees as (

    select * from marts.dim_employees

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

    {% for name in attributes %}
        {{ 'union all' if not loop.first }}

        select
            {{ loop.index }} as place,
            '{{ name.removesuffix('_brid').replace('_', ' ') }}' as shared,
            asked.{{ name }} as shared_value,
            listed.persona_ids
        from asked
        inner join employees on lower(asked.{{ name }}) = lower(employees.{{ name }})
        inner join listed on employees.brid = listed.brid
    {% endfor %}
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
