with

findings as (

    select * from {{ ref('int_findings_unclosed') }}

),

pairs as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        disposition,
        is_granted
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

applications_reported as (

    select application_id from {{ ref('int_applications_reported') }}

),

applications_silent as (

    select application_id from {{ ref('int_applications_silent') }}

),

retired_applications as (

    select application_id from {{ ref('int_retired_applications') }}

),

doubts as (

    select
        brid,
        doubt_reason,
        unresolved_reason
    from {{ ref('int_expectation_doubts') }}

),

requirement_doubts as (

    select application_id from {{ ref('int_requirement_doubts') }}

),

any_requirement_doubt as (

    select count(*) > 0 as is_any from requirement_doubts
    where application_id is null

),

unseen as (

    select
        findings.brid,
        findings.application_id,
        findings.finding_type,
        pairs.reconciliation_status as pair_status,
        pairs.reconciliation_reason as pair_reason,
        coalesce(pairs.is_granted, false) as is_granted,
        coalesce(pairs.disposition = 'suspended', false) as is_pair_suspended,
        applications_reported.application_id is not null as is_reported,
        applications_silent.application_id is not null as is_silent,
        retired_applications.application_id is not null as is_retired,
        case
            when doubts.doubt_reason is not null then doubts.doubt_reason
            when any_requirement_doubt.is_any or requirement_doubts.application_id is not null
                then 'requirement_row_quarantined'
        end as doubt_reason,
        doubts.unresolved_reason
    from findings
    cross join any_requirement_doubt
    left join requirement_doubts on findings.application_id = requirement_doubts.application_id
    left join pairs
        on
            findings.brid = pairs.brid
            and findings.application_id = pairs.application_id
    left join applications_reported
        on findings.application_id = applications_reported.application_id
    left join applications_silent on findings.application_id = applications_silent.application_id
    left join retired_applications
        on findings.application_id = retired_applications.application_id
    left join doubts on findings.brid = doubts.brid
    where
        pairs.disposition is null
        or pairs.disposition = 'suspended'
        or pairs.reconciliation_status <> findings.finding_type

),

decided as (

    -- First match wins. Null means evidence that the finding is over; a word gives the reason for
    -- missing evidence.
    select
        brid,
        application_id,
        finding_type,
        case
            when is_retired then null
            when
                pair_status = 'unassessed'
                and pair_reason <> 'non_human_registered'
                -- Presumed access does not prove that the access was granted.
                and (
                    pair_reason = 'grant_row_quarantined'
                    or not (finding_type = 'missing' and is_granted)
                )
                then pair_reason
            -- The grant itself was removed or added.
            when finding_type = 'excess' and not is_granted and is_reported then null
            when finding_type = 'excess' and not is_granted and is_silent then 'application_silent'
            when finding_type = 'excess' and not is_granted then 'registry_not_new'
            when finding_type = 'missing' and is_granted then null
            when is_pair_suspended then 'application_silent'
            -- The expectation ended or began.
            when doubt_reason is not null then doubt_reason
            when finding_type = 'missing' then unresolved_reason
        end as suspended_reason,
        is_retired
    from unseen

)

select * from decided
