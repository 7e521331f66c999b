with

supported as (

    select
        cause_id,
        cause_kind,
        subject_brid,
        subject_persona_id,
        subject_application_id,
        subject_detail,
        about_persona_id,
        n_findings,
        n_missing,
        n_excess,
        n_suspended,
        n_new,
        n_people,
        n_applications,
        oldest_finding_date,
        n_peer_holders,
        n_peers,
        n_self,
        reviewer_brid,
        risk_place,
        n_supporting,
        n_considered,
        alternative_application_id
    from {{ ref('int_causes_supported') }}

),

kinds (cause_kind, cause_action, action_role) as (

    {{ cause_kinds() }}

),

effects as (

    select * from {{ ref('int_cause_effects') }}

),

persona_owners as (

    select
        persona_id,
        owner_brid
    from {{ ref('int_persona_owners') }}

),

application_reviewers as (

    select
        application_id,
        reviewer_brid
    from {{ ref('int_application_reviewers') }}

),

described as (

    select
        supported.*,
        kinds.cause_action,
        kinds.action_role,
        case kinds.action_role
            when 'persona_owner' then persona_owners.owner_brid
            when 'application_owner' then application_reviewers.reviewer_brid
            when 'line_manager' then supported.reviewer_brid
        end as action_brid,
        coalesce(effects.n_ending, supported.n_findings) as n_ending,
        coalesce(effects.n_opening, 0) as n_opening,
        effects.cause_id is not null as has_patch,
        effects.proposed_persona_id
    from supported
    inner join kinds on supported.cause_kind = kinds.cause_kind
    left join effects on supported.cause_id = effects.cause_id
    left join persona_owners on supported.subject_persona_id = persona_owners.persona_id
    left join application_reviewers
        on supported.subject_application_id = application_reviewers.application_id

),

ranked as (

    select
        *,
        case risk_place
            when 1 then 'critical' when 2 then 'high' when 3 then 'medium' else 'low'
        end as risk_level,
        row_number() over (
            order by risk_place, n_findings - n_opening desc, cause_id
        ) as cause_rank
    from described

)

select * from ranked
