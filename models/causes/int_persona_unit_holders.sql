with

assignments as (

    select
        brid,
        persona_id,
        cost_center,
        assignment_method
    from {{ ref('fct_persona_assignments') }}
    where as_of_date = {{ as_of_date() }} and persona_id is not null

),

persona_applications as (

    -- Access that only some of the members hold, listed or not.
    select
        persona_id,
        application_id,
        requirement
    from {{ ref('fct_persona_applications') }}
    where
        as_of_date = {{ as_of_date() }}
        and coalesce(requirement, '') <> 'prohibited'
        and n_members - n_holders >= {{ var('cause_min_findings') }}
        and case when requirement is null then n_unlisted_holders else n_holders end
        >= {{ var('cause_min_findings') }}

),

access as (

    select
        assignments.brid,
        assignments.persona_id,
        assignments.cost_center,
        persona_applications.application_id,
        persona_applications.requirement
    from assignments
    inner join persona_applications on assignments.persona_id = persona_applications.persona_id
    inner join {{ ref('fct_access_reconciliation') }} as pairs
        on
            assignments.brid = pairs.brid
            and persona_applications.application_id = pairs.application_id
            and pairs.as_of_date = {{ as_of_date() }}
    where
        pairs.is_granted
        and pairs.is_in_hr
        and (persona_applications.requirement is not null or not pairs.is_expected)

),

listed_elsewhere as (

    -- Access that another persona of the person also lists says nothing about this one.
    select distinct
        access.brid,
        access.persona_id,
        access.application_id,
        true as is_elsewhere
    from access
    inner join assignments
        on access.brid = assignments.brid and access.persona_id <> assignments.persona_id
    inner join {{ ref('int_persona_requirements') }} as requirements
        on
            assignments.persona_id = requirements.persona_id
            and access.application_id = requirements.application_id
    where access.requirement is not null

),

holders as (

    select
        persona_id,
        access.cost_center,
        application_id,
        count(*) as n_holders
    from access
    left join listed_elsewhere using (brid, persona_id, application_id)
    where listed_elsewhere.is_elsewhere is null
    group by 1, 2, 3

),

units as (

    select
        persona_id,
        cost_center,
        count(*) as n_members,
        sum(count(*)) over (partition by persona_id) as n_of_persona
    from assignments
    where assignment_method <> 'baseline' and cost_center is not null
    group by 1, 2

),

compared as (

    select
        persona_id,
        cost_center,
        application_id,
        persona_applications.requirement,
        units.n_members,
        units.n_of_persona - units.n_members as n_others,
        coalesce(holders.n_holders, 0) as n_holders,
        sum(coalesce(holders.n_holders, 0)) over (
            partition by persona_id, application_id
        ) - coalesce(holders.n_holders, 0) as n_other_holders
    from units
    inner join persona_applications using (persona_id)
    left join holders using (persona_id, cost_center, application_id)

)

select * from compared
