with

questions as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }}
        and is_granted
        and reconciliation_status in ('excess', 'unassessed')

),

applications_in_question as (

    select application_id from questions
    group by 1

),

employees as (

    select
        brid,
        cost_center
    from {{ ref('dim_employees') }}
    where is_employed

),

population as (

    select count(*) as n_people from employees

),

review_items as (

    select
        brid,
        application_id,
        peer_persona_id,
        n_peers,
        n_peer_holders
    from {{ ref('fct_review_items') }}
    where peer_persona_id is not null

),

units as (

    select
        cost_center,
        count(*) as n_people
    from employees
    where cost_center is not null
    group by 1

),

holders as (

    select
        held.application_id,
        employees.cost_center,
        count(*) as n_holders
    from {{ ref('fct_access_reconciliation') }} as held
    inner join applications_in_question
        on held.application_id = applications_in_question.application_id
    inner join employees on held.brid = employees.brid
    where held.as_of_date = {{ as_of_date() }} and held.is_granted
    group by 1, 2

),

application_holders as (

    select
        application_id,
        sum(n_holders) as n_holders
    from holders
    group by 1

),

compared as (

    -- Peers are the other people with the most informative persona; without a persona, the others
    -- in the unit.
    select
        questions.brid,
        questions.application_id,
        questions.reconciliation_status,
        questions.reconciliation_reason,
        case
            when review_items.peer_persona_id is not null then 'persona'
            when units.cost_center is not null then 'cost_center'
        end as peer_kind,
        coalesce(review_items.peer_persona_id, employees.cost_center) as peer_group,
        coalesce(review_items.n_peers, units.n_people - 1) as n_peers,
        coalesce(review_items.n_peer_holders, holders.n_holders - 1) as n_peer_holders,
        application_holders.n_holders * {{ as_double(1) }} / population.n_people as holder_share
    from questions
    cross join population
    left join review_items
        on
            questions.brid = review_items.brid
            and questions.application_id = review_items.application_id
    left join employees on questions.brid = employees.brid
    left join units on employees.cost_center = units.cost_center
    left join holders
        on
            employees.cost_center = holders.cost_center
            and questions.application_id = holders.application_id
    left join application_holders
        on questions.application_id = application_holders.application_id

),

scored as (

    -- A few peers prove little: the share of the whole company counts like this many more peers.
    select
        {{ as_of_date() }} as as_of_date,
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        peer_kind,
        peer_group,
        cast(n_peers as {{ dbt.type_int() }}) as n_peers,
        cast(n_peer_holders as {{ dbt.type_int() }}) as n_peer_holders,
        cast(
            (
                coalesce(n_peer_holders, 0)
                + {{ var('peer_prior_people') }} * coalesce(holder_share, 0)
            )
            / (coalesce(n_peers, 0) + {{ var('peer_prior_people') }}) as numeric(7, 6)
        ) as peer_score
    from compared

)

select * from scored
