with

findings as (

    select
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        coalesce(is_privileged, false) as is_privileged,
        due_date,
        reviewer_brid,
        coalesce(reviewer_role, 'nobody') as reviewer_role,
        concat_ws(
            ':', brid, application_id, finding_type,
            cast(opened_date as {{ dbt.type_string() }})
        ) as item_id
    from {{ ref('fct_finding_weeks') }}
    where
        as_of_date = {{ as_of_date() }}
        and finding_state = 'open'
        and disposition = 'open'

),

application_reviewers as (

    select * from {{ ref('int_application_reviewers') }}

),

listed as (

    -- An owner who is also the reviewer gets the finding once; a finding without either belongs to
    -- nobody.
    select
        item_id,
        'finding' as item_kind,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        is_privileged,
        due_date,
        reviewer_brid,
        reviewer_role
    from findings

    union all

    select
        findings.item_id,
        'finding' as item_kind,
        null as campaign_id,
        findings.brid,
        findings.application_id,
        findings.finding_type,
        findings.reconciliation_reason,
        findings.is_privileged,
        findings.due_date,
        application_reviewers.reviewer_brid,
        'application_owner' as reviewer_role
    from findings
    inner join application_reviewers
        on findings.application_id = application_reviewers.application_id
    where
        -- Nobody reviews their own access.
        application_reviewers.reviewer_brid <> findings.brid
        and application_reviewers.reviewer_brid <> coalesce(findings.reviewer_brid, '')

)

select * from listed
