-- The persona whose required access the people of a doubtful assignment hold nearly completely.
with

meant as (

    select * from {{ ref('int_rules_in_doubt') }}
    where cause_kind = 'assignment_not_real'

),

assignments as (

    select
        brid,
        source_id
    from {{ ref('int_persona_assignments') }}
    where assignment_method = 'rule'

),

personas as (

    select persona_id from {{ ref('int_personas') }}
    where not is_baseline

),

requirements as (

    select
        persona_id,
        application_id
    from {{ ref('int_persona_requirements') }}
    where requirement = 'mandatory'

),

held as (

    select
        brid,
        application_id
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted

),

members as (

    select
        meant.cause_id,
        assignments.brid,
        count(*) over (partition by meant.cause_id) as n_members
    from meant
    inner join assignments on meant.source_id = assignments.source_id

),

demands as (

    select
        requirements.persona_id,
        requirements.application_id,
        count(*) over (partition by requirements.persona_id) as n_mandatory
    from requirements
    inner join personas on requirements.persona_id = personas.persona_id

),

fitting as (

    select
        members.cause_id,
        demands.persona_id,
        row_number() over (
            partition by members.cause_id
            order by
                cast(count(*) as {{ dbt.type_float() }})
                / (max(members.n_members) * max(demands.n_mandatory)) desc,
                max(demands.n_mandatory) desc,
                demands.persona_id
        ) as persona_rank
    from members
    inner join held on members.brid = held.brid
    inner join demands on held.application_id = demands.application_id
    group by 1, 2
    having
        count(*) >= {{ var('persona_most_share') }}
        * max(members.n_members) * max(demands.n_mandatory)

),

best as (

    select
        cause_id,
        persona_id
    from fitting
    where persona_rank = 1

)

select * from best
