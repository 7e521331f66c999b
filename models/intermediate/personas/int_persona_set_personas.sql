with

assignments as (

    select
        brid,
        persona_id,
        assignment_method
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null

),

persona_sets as (

    select
        persona_set_id,
        min(brid) as example_brid,
        count(*) as n_employees
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}
    group by 1

),

set_personas as (

    -- Any member shows the personas of a set: all members have the same.
    select
        persona_sets.persona_set_id,
        assignments.persona_id,
        assignments.assignment_method = 'baseline' as is_by_baseline,
        persona_sets.n_employees
    from persona_sets
    inner join assignments on persona_sets.example_brid = assignments.brid

)

select * from set_personas
