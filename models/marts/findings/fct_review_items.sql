with

findings as (

    select
        brid,
        application_id,
        finding_type,
        opened_date,
        reconciliation_reason,
        coalesce(is_privileged, false) as is_privileged,
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

employee_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

application_reviewers as (

    select
        application_id,
        reviewer_brid
    from {{ ref('int_application_reviewers') }}

),

best_peers as (

    select * from {{ ref('int_finding_peers') }}

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        findings.brid,
        findings.application_id,
        concat_ws(
            ':', findings.brid, findings.application_id, findings.finding_type,
            cast(findings.opened_date as {{ dbt.type_string() }})
        ) as finding_id,
        case
            when findings.finding_type = 'missing' then 'low'
            when
                findings.reconciliation_reason
                in ('leaver', 'early_access', 'orphan_account', 'prohibited_for_persona')
                then case when findings.is_privileged then 'critical' else 'high' end
            when findings.is_privileged then 'high'
            else 'medium'
        end as risk_level,
        best_peers.persona_id as peer_persona_id,
        cast(best_peers.n_peers as {{ dbt.type_int() }}) as n_peers,
        cast(best_peers.n_peer_holders as {{ dbt.type_int() }}) as n_peer_holders,
        -- Nobody reviews their own access.
        case
            when application_reviewers.reviewer_brid <> findings.brid
                then application_reviewers.reviewer_brid
        end as application_owner_brid
    from findings
    left join employee_sets on findings.brid = employee_sets.brid
    left join best_peers
        on
            employee_sets.persona_set_id = best_peers.persona_set_id
            and findings.application_id = best_peers.application_id
            and findings.finding_type = best_peers.finding_type
            and findings.is_holder = best_peers.is_holder
    left join application_reviewers
        on findings.application_id = application_reviewers.application_id

)

select * from described
