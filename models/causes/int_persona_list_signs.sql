with

persona_applications as (

    select * from {{ ref('fct_persona_applications') }}
    where
        as_of_date > cast(
            {{ dbt.dateadd('day', -7 * var('persona_stability_weeks'), as_of_date()) }} as date
        )
        and as_of_date <= {{ as_of_date() }}

),

employed as (

    select count(*) * {{ as_double(1) }} as n_employed
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

signs as (

    -- Unlisted access that most members of a persona hold, and listed access that hardly any member
    -- holds.
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
        end * {{ as_double(1) }} / signs.n_members as support,
        case
            when signs.proposal_kind = 'add'
                then
                    signs.n_holders * {{ as_double(1) }} / signs.n_members
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

)

select * from adds_and_drops
