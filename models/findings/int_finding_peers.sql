with

findings as (

    select
        brid,
        application_id,
        finding_type,
        -- A peer is another person: holders of the access are also counted among the holders of the
        -- persona.
        (
            finding_type = 'excess'
            and coalesce(suspended_reason, '') not in (
                'application_silent', 'registry_not_new', 'grant_row_quarantined'
            )
        ) as is_holder
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_state <> 'closed'

),

set_holders as (

    select
        persona_set_id,
        application_id,
        n_holders
    from {{ ref('int_persona_set_access') }}

),

employee_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

set_personas as (

    select
        persona_set_id,
        persona_id,
        is_by_baseline,
        n_employees
    from {{ ref('int_persona_set_personas') }}

),

requirements as (

    select
        persona_id,
        application_id
    from {{ ref('int_persona_requirements') }}
    where requirement = 'mandatory'

),

persona_members as (

    select
        persona_id,
        sum(n_employees) as n_members
    from set_personas
    group by 1

),

persona_holders as (

    select
        set_personas.persona_id,
        set_holders.application_id,
        sum(set_holders.n_holders) as n_holders
    from set_holders
    inner join set_personas on set_holders.persona_set_id = set_personas.persona_set_id
    group by 1, 2

),

questions as (

    -- Findings with the same answer: everybody in a set has the same peers.
    select
        employee_sets.persona_set_id,
        findings.application_id,
        findings.finding_type,
        findings.is_holder
    from findings
    inner join employee_sets on findings.brid = employee_sets.brid
    group by 1, 2, 3, 4

),

peers as (

    select
        questions.persona_set_id,
        questions.application_id,
        questions.finding_type,
        questions.is_holder,
        set_personas.persona_id,
        set_personas.is_by_baseline,
        requirements.persona_id is not null as is_mandatory,
        persona_members.n_members - 1 as n_peers,
        coalesce(persona_holders.n_holders, 0)
        - case when questions.is_holder then 1 else 0 end as n_peer_holders
    from questions
    inner join set_personas on questions.persona_set_id = set_personas.persona_set_id
    inner join persona_members on set_personas.persona_id = persona_members.persona_id
    left join persona_holders
        on
            set_personas.persona_id = persona_holders.persona_id
            and questions.application_id = persona_holders.application_id
    left join requirements
        on
            set_personas.persona_id = requirements.persona_id
            and questions.application_id = requirements.application_id

),

ranked_peers as (

    -- The persona that requires missing access; else the person's persona with the strongest
    -- evidence for it.
    select
        *,
        row_number() over (
            partition by persona_set_id, application_id, finding_type, is_holder
            order by
                case when finding_type = 'missing' and is_mandatory then 0 else 1 end,
                case when is_by_baseline then 1 else 0 end,
                n_peer_holders * {{ as_double(1) }} / nullif(n_peers, 0) desc nulls last,
                n_peers desc,
                persona_id
        ) as peer_rank
    from peers

),

best_peers as (

    select * from ranked_peers
    where peer_rank = 1

)

select * from best_peers
