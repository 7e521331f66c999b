with

personas as (

    select * from {{ ref('int_personas') }}

),

requirements as (

    select
        persona_id,
        count(*) filter (where requirement = 'mandatory') as n_mandatory_applications,
        count(*) filter (where requirement = 'optional') as n_optional_applications,
        count(*) filter (where requirement = 'prohibited') as n_prohibited_applications
    from {{ ref('int_persona_requirements') }}
    group by 1

),

candidates as (

    select
        persona_id,
        bool_or(
            assignment_method = 'rule'
            and candidate_outcome in ('won', 'lost_to_stronger_source')
        ) as is_reached_by_rule
    from {{ ref('int_persona_candidates') }}
    group by 1

),

assignments as (

    select
        persona_id,
        count(*) as n_employees
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null
    group by 1

),

persona_owners as (

    select * from {{ ref('int_persona_owners') }}

),

persona_ids as (

    -- A persona with members is a persona, even if the persona list omits it.
    select
        coalesce(personas.persona_id, candidates.persona_id) as persona_id,
        personas.persona_name,
        personas.business_unit,
        coalesce(personas.is_baseline, false) as is_baseline,
        personas.persona_id is not null as is_in_persona_list,
        coalesce(candidates.is_reached_by_rule, false) as is_reached_by_rule
    from personas
    full join candidates on personas.persona_id = candidates.persona_id

),

described as (

    select
        persona_ids.persona_id,
        {{ as_of_date() }} as as_of_date,
        persona_ids.persona_name,
        persona_ids.business_unit,
        persona_owners.owner_brid,
        persona_ids.is_baseline,
        persona_ids.is_in_persona_list,
        persona_ids.is_reached_by_rule,
        cast(coalesce(requirements.n_mandatory_applications, 0) as {{ dbt.type_int() }})
            as n_mandatory_applications,
        cast(coalesce(requirements.n_optional_applications, 0) as {{ dbt.type_int() }})
            as n_optional_applications,
        cast(coalesce(requirements.n_prohibited_applications, 0) as {{ dbt.type_int() }})
            as n_prohibited_applications,
        cast(coalesce(assignments.n_employees, 0) as {{ dbt.type_int() }}) as n_employees
    from persona_ids
    left join requirements on persona_ids.persona_id = requirements.persona_id
    left join assignments on persona_ids.persona_id = assignments.persona_id
    left join persona_owners on persona_ids.persona_id = persona_owners.persona_id

)

select * from described
