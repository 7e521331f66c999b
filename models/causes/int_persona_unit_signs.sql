with

units as (

    -- People of a cost center within a persona, and people without one by level and cost center.
    select
        brid,
        coalesce(persona_id, '') as persona_id,
        case when persona_id is null then management_level end as management_level,
        cost_center
    from {{ ref('fct_persona_assignments') }}
    where
        as_of_date = {{ as_of_date() }}
        and assignment_method <> 'baseline'
        and cost_center is not null

),

unlisted_access as (

    -- Of people alone: what an orphan account holds says nothing of a persona.
    select
        brid,
        application_id
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }} and is_granted and is_in_hr and not is_expected

),

unit_sizes as (

    select
        persona_id,
        coalesce(management_level, '') as management_level,
        cost_center,
        count(*) as n_members,
        sum(count(*)) over (partition by persona_id) as n_of_persona
    from units
    group by 1, 2, 3

),

unit_access as (

    select
        units.persona_id,
        coalesce(units.management_level, '') as management_level,
        units.cost_center,
        unlisted_access.application_id,
        count(*) as n_holders,
        sum(count(*)) over (
            partition by units.persona_id, unlisted_access.application_id
        ) as n_holders_of_persona
    from units
    inner join unlisted_access on units.brid = unlisted_access.brid
    group by 1, 2, 3, 4

),

shared_by_unit as (

    -- Nearly all of a unit hold it; in a split, hardly any of the persona's other members do.
    select
        unit_access.persona_id,
        unit_access.management_level,
        unit_access.cost_center,
        unit_access.application_id,
        unit_access.n_holders,
        unit_sizes.n_members
    from unit_access
    inner join unit_sizes
        on
            unit_access.persona_id = unit_sizes.persona_id
            and unit_access.management_level = unit_sizes.management_level
            and unit_access.cost_center = unit_sizes.cost_center
    where
        unit_sizes.n_members >= {{ var('cause_min_findings') }}
        and unit_access.n_holders >= unit_sizes.n_members * {{ var('persona_most_share') }}
        and (
            unit_access.persona_id = ''
            or (
                unit_sizes.n_of_persona - unit_sizes.n_members >= {{ var('cause_min_findings') }}
                and unit_access.n_holders_of_persona - unit_access.n_holders
                <= (unit_sizes.n_of_persona - unit_sizes.n_members)
                * (1 - {{ var('persona_most_share') }})
            )
        )

),

units_proposed as (

    select
        case when persona_id = '' then 'new' else 'split' end as proposal_kind,
        nullif(persona_id, '') as persona_id,
        cast(null as {{ dbt.type_string() }}) as other_persona_id,
        nullif(management_level, '') as management_level,
        cost_center,
        {{ dbt.listagg("application_id", "' | '", "order by application_id") }}
            as application_ids,
        max(n_members) as n_members,
        sum(n_holders) * 1.0e0 / sum(n_members) as support,
        cast(null as numeric(12, 2)) as lift,
        1 as n_weeks,
        sum(n_holders) as n_settled,
        sum(n_members - n_holders) as n_blessed
    from shared_by_unit
    group by 1, 2, 3, 4, 5

)

select * from units_proposed
