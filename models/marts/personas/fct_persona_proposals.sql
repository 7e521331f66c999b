with

persona_applications as (

    select * from {{ ref('fct_persona_applications') }}
    where
        as_of_date > cast(
            {{ dbt.dateadd('day', -7 * var('persona_stability_weeks'), as_of_date()) }} as date
        )
        and as_of_date <= {{ as_of_date() }}

),

qualities as (

    select * from {{ ref('fct_persona_quality') }}
    where as_of_date = {{ as_of_date() }}

),

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        management_level,
        cost_center
    from {{ ref('fct_persona_assignments') }}
    where as_of_date = {{ as_of_date() }}

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

rejections as (

    select
        proposal_id,
        max(support) as rejected_support
    from {{ ref('stg_decisions__proposal_rejections') }}
    where is_in_force
    group by 1

),

employed as (

    select cast(count(*) as double precision) as n_employed
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

signs as (

    -- What most members hold unlisted, and what hardly any member of a persona holds.
    select
        as_of_date,
        persona_id,
        application_id,
        requirement,
        n_members,
        n_holders,
        n_unlisted_holders,
        n_employed_holders,
        case when requirement is null then 'add' else 'drop' end as proposal_kind
    from persona_applications
    where
        n_members >= {{ var('cause_min_findings') }}
        and (
            (requirement is null and n_unlisted_holders * 2 >= n_members)
            or (
                requirement in ('mandatory', 'optional')
                and n_holders <= n_members * (1 - {{ var('persona_most_share') }})
            )
        )

),

sign_weeks as (

    select
        persona_id,
        application_id,
        proposal_kind,
        count(*) as n_weeks
    from signs
    group by 1, 2, 3

),

adds_and_drops as (

    select
        signs.proposal_kind,
        signs.persona_id,
        cast(null as {{ dbt.type_string() }}) as other_persona_id,
        cast(null as {{ dbt.type_string() }}) as management_level,
        cast(null as {{ dbt.type_string() }}) as cost_center,
        signs.application_id as application_ids,
        signs.n_members,
        case
            when signs.proposal_kind = 'add' then signs.n_holders
            else signs.n_members - signs.n_holders
        end * 1.0e0 / signs.n_members as support,
        case
            when signs.proposal_kind = 'add'
                then
                    signs.n_holders * 1.0e0 / signs.n_members
                    / (signs.n_employed_holders / employed.n_employed)
        end as lift,
        sign_weeks.n_weeks,
        case
            when signs.proposal_kind = 'add' then signs.n_unlisted_holders
            when signs.requirement = 'mandatory' then signs.n_members - signs.n_holders
            else 0
        end as n_settled,
        case
            when signs.proposal_kind = 'add' then signs.n_members - signs.n_holders else 0
        end as n_blessed
    from signs
    inner join sign_weeks
        on
            signs.persona_id = sign_weeks.persona_id
            and signs.application_id = sign_weeks.application_id
            and signs.proposal_kind = sign_weeks.proposal_kind
    cross join employed
    where signs.as_of_date = {{ as_of_date() }}

),

merges as (

    -- Each pair once. Members of both get what either lists.
    select
        'merge' as proposal_kind,
        qualities.persona_id,
        qualities.most_alike_persona_id as other_persona_id,
        cast(null as {{ dbt.type_string() }}) as management_level,
        cast(null as {{ dbt.type_string() }}) as cost_center,
        cast(null as {{ dbt.type_string() }}) as application_ids,
        qualities.n_members + second_personas.n_members as n_members,
        qualities.shared_application_share * 1.0e0 as support,
        cast(null as double precision) as lift,
        1 as n_weeks,
        0 as n_settled,
        cast(
            round(
                ((qualities.n_listed + second_personas.n_listed)
                / (1 + qualities.shared_application_share * 1.0e0) - qualities.n_listed)
                * qualities.n_members
                + ((qualities.n_listed + second_personas.n_listed)
                / (1 + qualities.shared_application_share * 1.0e0) - second_personas.n_listed)
                * second_personas.n_members
            ) as {{ dbt.type_bigint() }}
        ) as n_blessed
    from qualities
    inner join qualities as second_personas
        on qualities.most_alike_persona_id = second_personas.persona_id
    where
        qualities.shared_application_share >= {{ var('persona_most_share') }}
        and qualities.n_members > 0
        and second_personas.n_members > 0
        and (
            qualities.persona_id < second_personas.persona_id
            or second_personas.most_alike_persona_id <> qualities.persona_id
        )

),

units as (

    -- People of a cost center within a persona, and people without one by level and cost center.
    select
        brid,
        coalesce(persona_id, '') as persona_id,
        case when persona_id is null then management_level end as management_level,
        cost_center
    from assignments
    where assignment_method <> 'baseline' and cost_center is not null

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
        cast(null as double precision) as lift,
        1 as n_weeks,
        sum(n_holders) as n_settled,
        sum(n_members - n_holders) as n_blessed
    from shared_by_unit
    group by 1, 2, 3, 4, 5

),

proposals as (

    select * from adds_and_drops

    union all

    select * from merges

    union all

    select * from units_proposed

),

identified as (

    select
        *,
        concat_ws(
            ':', proposal_kind, persona_id, other_persona_id, management_level, cost_center,
            case when proposal_kind in ('add', 'drop') then application_ids end
        ) as proposal_id
    from proposals

),

open_proposals as (

    -- What was rejected comes back only with more support than it was rejected with.
    select
        {{ as_of_date() }} as as_of_date,
        identified.proposal_id,
        row_number() over (
            order by
                identified.n_settled desc,
                identified.n_blessed,
                identified.support desc,
                identified.proposal_id
        ) as proposal_rank,
        identified.proposal_kind,
        identified.persona_id,
        identified.other_persona_id,
        identified.management_level,
        identified.cost_center,
        identified.application_ids,
        cast(identified.n_members as {{ dbt.type_bigint() }}) as n_members,
        cast(identified.support as numeric(7, 6)) as support,
        cast(identified.lift as numeric(12, 2)) as lift,
        cast(identified.n_weeks as {{ dbt.type_int() }}) as n_weeks,
        cast(identified.n_settled as {{ dbt.type_bigint() }}) as n_settled,
        cast(identified.n_blessed as {{ dbt.type_bigint() }}) as n_blessed
    from identified
    left join rejections on identified.proposal_id = rejections.proposal_id
    where
        rejections.proposal_id is null
        or cast(identified.support as numeric(7, 6)) > rejections.rejected_support

)

select * from open_proposals
