with

employees as (

    select
        as_of_date,
        employment_state,
        worker_type,
        is_employed
    from {{ ref('int_employee_weeks') }}

),

persona_sets as (

    select
        as_of_date,
        unresolved_reason
    from {{ ref('int_employee_persona_sets') }}
    where unresolved_reason is not null

),

assignments as (

    select
        as_of_date,
        brid,
        persona_id,
        assignment_method
    from {{ ref('fct_persona_assignments') }}

),

counted as (

    select
        as_of_date,
        'employment state' as attribute_name,
        employment_state as attribute_value,
        count(*) as n_people
    from employees
    group by 1, 2, 3

    union all

    select
        as_of_date,
        'worker type' as attribute_name,
        worker_type as attribute_value,
        count(*) as n_people
    from employees
    where is_employed
    group by 1, 2, 3

    union all

    select
        as_of_date,
        'persona by' as attribute_name,
        assignment_method as attribute_value,
        count(distinct brid) as n_people
    from assignments
    group by 1, 2, 3

    union all

    select
        as_of_date,
        'without a persona because' as attribute_name,
        unresolved_reason as attribute_value,
        count(*) as n_people
    from persona_sets
    group by 1, 2, 3

    union all

    select
        as_of_date,
        'persona' as attribute_name,
        persona_id as attribute_value,
        count(distinct brid) as n_people
    from assignments
    where persona_id is not null
    group by 1, 2, 3

)

select * from counted
