-- The access that people of a corrected rule should hold with all the personas that they then have.
with

corrections as (

    select * from {{ ref('int_rule_corrections') }}

),

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        source_id
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null

),

requirements as (

    select
        persona_id,
        application_id,
        requirement
    from {{ ref('int_persona_requirements') }}

),

people as (

    select
        corrections.cause_id,
        corrections.persona_id,
        corrections.proposed_persona_id,
        assignments.brid
    from corrections
    inner join assignments
        on
            corrections.source_id = assignments.source_id
            and corrections.persona_id = assignments.persona_id
            and assignments.assignment_method = 'rule'

),

personas_after as (

    select
        cause_id,
        brid,
        proposed_persona_id as persona_id
    from people

    union

    select
        people.cause_id,
        people.brid,
        assignments.persona_id
    from people
    inner join assignments on people.brid = assignments.brid
    where assignments.persona_id <> people.persona_id

),

requirements_after as (

    select
        personas_after.cause_id,
        personas_after.brid,
        requirements.application_id,
        bool_or(requirements.requirement = 'mandatory') as is_mandatory,
        bool_or(requirements.requirement = 'prohibited') as is_prohibited
    from personas_after
    inner join requirements on personas_after.persona_id = requirements.persona_id
    group by 1, 2, 3

)

select * from requirements_after
