with

assignments as (

    select * from {{ ref('int_persona_assignments') }}

),

employees as (

    select
        brid,
        management_level,
        cost_center
    from {{ ref('int_employees') }}

),

described as (

    select
        assignments.as_of_date,
        assignments.brid,
        assignments.persona_id,
        assignments.assignment_method,
        assignments.source_id,
        assignments.support,
        assignments.confidence,
        assignments.unresolved_reason,
        assignments.losing_candidates,
        employees.management_level,
        employees.cost_center
    from assignments
    inner join employees on assignments.brid = employees.brid

)

select * from described
