with

assignments as (

    select
        brid,
        persona_id,
        cost_center,
        assignment_method
    from {{ ref('fct_persona_assignments') }}
    where as_of_date = {{ as_of_date() }} and persona_id is not null and cost_center is not null

),

people as (

    select
        brid,
        cost_center
    from assignments
    group by 1, 2

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

unit_access as (

    -- People with the same personas are counted together: a member's row for each persona would be
    -- several times as many rows as there are pairs.
    select
        employee_sets.persona_set_id,
        people.cost_center,
        pairs.application_id,
        count(*) as n_holders,
        count(*) filter (where not pairs.is_expected) as n_unlisted_holders
    from {{ ref('fct_access_reconciliation') }} as pairs
    inner join people using (brid)
    inner join {{ ref('int_employee_persona_sets') }} as employee_sets using (brid, as_of_date)
    where pairs.as_of_date = {{ as_of_date() }} and pairs.is_granted and pairs.is_in_hr
    group by 1, 2, 3

),

holders as (

    -- Access that another persona of the person also lists says nothing about this one.
    select
        persona_id,
        unit_access.cost_center,
        unit_access.application_id,
        sum(
            case
                when persona_applications.requirement is null then unit_access.n_unlisted_holders
                else unit_access.n_holders
            end
        ) as n_holders
    from unit_access
    inner join {{ ref('int_persona_set_personas') }} using (persona_set_id)
    inner join persona_applications using (persona_id, application_id)
    left join {{ ref('int_persona_set_requirements') }} as set_requirements
        on
            unit_access.persona_set_id = set_requirements.persona_set_id
            and unit_access.application_id = set_requirements.application_id
            and set_requirements.as_of_date = {{ as_of_date() }}
    where
        persona_applications.requirement is null
        or set_requirements.persona_ids = persona_id
    group by 1, 2, 3

),

units as (

    select
        persona_id,
        cost_center,
        count(*) as n_members,
        sum(count(*)) over (partition by persona_id) as n_of_persona
    from assignments
    where assignment_method <> 'baseline'
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
