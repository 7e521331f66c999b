with

finding_causes as (

    select * from {{ ref('fct_finding_causes') }}
    where as_of_date = {{ as_of_date() }} and cause_kind <> 'single'

),

finding_reviewers as (

    select
        brid,
        application_id,
        reviewer_brid
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_state <> 'closed'

),

finding_risks as (

    select
        finding_id,
        case risk_level
            when 'critical' then 1 when 'high' then 2 when 'medium' then 3 else 4
        end as risk_place
    from {{ ref('fct_review_items') }}

),

counted as (

    select
        finding_causes.cause_id,
        finding_causes.cause_kind,
        finding_causes.subject_brid,
        finding_causes.subject_persona_id,
        finding_causes.subject_application_id,
        finding_causes.subject_detail,
        -- If one persona requires all of the access, the cause is about that persona.
        case
            when finding_causes.cause_kind not in ('access_lost_together', 'provisioning_batch')
                then finding_causes.subject_persona_id
            when
                count(*) = count(finding_causes.persona_id)
                and min(finding_causes.persona_id) = max(finding_causes.persona_id)
                then min(finding_causes.persona_id)
        end as about_persona_id,
        count(*) as n_findings,
        count(*) filter (where finding_causes.finding_type = 'missing') as n_missing,
        count(*) filter (where finding_causes.finding_type = 'excess') as n_excess,
        count(*) filter (where finding_causes.finding_state = 'suspended') as n_suspended,
        count(*) filter (where finding_causes.opened_date = {{ as_of_date() }}) as n_new,
        count(distinct finding_causes.brid) as n_people,
        count(distinct finding_causes.application_id) as n_applications,
        min(finding_causes.opened_date) as oldest_finding_date,
        max(finding_causes.n_peer_holders) as n_peer_holders,
        max(finding_causes.n_peers) as n_peers,
        max(case when finding_causes.finding_type = 'excess' then 1 else 0 end) as n_self,
        min(finding_reviewers.reviewer_brid) as reviewer_brid,
        min(finding_risks.risk_place) as risk_place
    from finding_causes
    left join finding_reviewers
        on
            finding_causes.brid = finding_reviewers.brid
            and finding_causes.application_id = finding_reviewers.application_id
    left join finding_risks on finding_causes.finding_id = finding_risks.finding_id
    group by 1, 2, 3, 4, 5, 6

)

select * from counted
