with

units as (

    select
        brid,
        management_level,
        cost_center
    from {{ ref('fct_persona_assignments') }}
    where
        as_of_date = {{ as_of_date() }}
        and persona_id is null
        and assignment_method <> 'baseline'
        and cost_center is not null

),

unlisted_access as (

    -- Only people count: the access of an orphan account says nothing about a persona.
    select
        brid,
        application_id
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }} and is_granted and is_in_hr and not is_expected

),

unit_sizes as (

    select
        coalesce(management_level, '') as management_level,
        cost_center,
        count(*) as n_members
    from units
    group by 1, 2

),

unit_access as (

    select
        coalesce(units.management_level, '') as management_level,
        units.cost_center,
        unlisted_access.application_id,
        count(*) as n_holders
    from units
    inner join unlisted_access on units.brid = unlisted_access.brid
    group by 1, 2, 3

),

shared_by_unit as (

    select
        management_level,
        cost_center,
        unit_access.application_id,
        unit_access.n_holders,
        unit_sizes.n_members
    from unit_access
    inner join unit_sizes using (management_level, cost_center)
    where
        unit_sizes.n_members >= {{ var('cause_min_findings') }}
        and unit_access.n_holders >= unit_sizes.n_members * {{ var('persona_most_share') }}

),

units_proposed as (

    select
        'new' as proposal_kind,
        cast(null as {{ dbt.type_string() }}) as persona_id,
        cast(null as {{ dbt.type_string() }}) as other_persona_id,
        nullif(management_level, '') as management_level,
        cost_center,
        {{ dbt.listagg("application_id", "' | '", "order by application_id") }}
            as application_ids,
        max(n_members) as n_members,
        sum(n_holders) * {{ as_double(1) }} / sum(n_members) as support,
        cast(null as numeric(12, 2)) as lift,
        1 as n_weeks,
        sum(n_holders) as n_settled,
        sum(n_members - n_holders) as n_blessed
    from shared_by_unit
    group by 1, 2, 3, 4, 5

)

select * from units_proposed
