with

actual_access as (

    select * from {{ ref('int_actual_access') }}

),

set_requirements as (

    select
        persona_set_id,
        application_id,
        requirement,
        persona_ids
    from {{ ref('int_persona_set_requirements') }}
    where as_of_date = {{ as_of_date() }}

),

brids as (

    select * from {{ ref('int_brids') }}

),

applications as (

    select
        application_id,
        is_known,
        is_modelled
    from {{ ref('int_applications') }}

),

former_expectations as (

    select * from {{ ref('int_former_expectations') }}

),

waivers as (

    select
        brid,
        application_id,
        waiver_id
    from {{ ref('int_waivers') }}

),

expected_access as (

    select
        brids.brid,
        set_requirements.application_id,
        set_requirements.requirement,
        set_requirements.persona_ids
    from brids
    inner join set_requirements on brids.persona_set_id = set_requirements.persona_set_id

),

pairs as (

    -- Start from grants as well as from people: an inner join would drop whoever is in one only.
    select
        brid,
        application_id,
        expected_access.requirement,
        expected_access.persona_ids,
        actual_access.n_grant_rows is not null as is_granted,
        coalesce(actual_access.n_grant_rows, 0) as n_grant_rows,
        coalesce(actual_access.has_several_accounts, false) as has_several_accounts,
        coalesce(actual_access.is_privileged, false) as is_privileged,
        actual_access.granted_date,
        actual_access.last_used_date
    from actual_access
    full join expected_access using (brid, application_id)
    where
        actual_access.n_grant_rows is not null
        -- An optional or prohibited application that is not held is no finding.
        or expected_access.requirement = 'mandatory'

),

evidence as (

    select
        pairs.brid,
        pairs.application_id,
        pairs.requirement,
        pairs.persona_ids,
        coalesce(pairs.requirement in ('mandatory', 'optional'), false) as is_expected,
        pairs.is_granted,
        pairs.n_grant_rows,
        pairs.has_several_accounts,
        pairs.is_privileged,
        pairs.granted_date,
        pairs.last_used_date,
        coalesce(brids.is_in_hr, false) as is_in_hr,
        brids.employment_state,
        brids.hire_date,
        brids.days_since_end,
        coalesce(brids.was_in_hr, false) as was_in_hr,
        coalesce(brids.is_hr_row_quarantined, false) as is_hr_row_quarantined,
        coalesce(brids.is_registered_non_human, false) as is_registered_non_human,
        coalesce(brids.is_listed_non_human, false) as is_listed_non_human,
        coalesce(applications.is_known, false) as is_application_known,
        coalesce(applications.is_modelled, false) as is_application_modelled,
        brids.unresolved_reason,
        former_expectations.last_expected_date,
        waivers.waiver_id
    from pairs
    left join brids on pairs.brid = brids.brid
    left join applications on pairs.application_id = applications.application_id
    left join former_expectations
        on
            pairs.brid = former_expectations.brid
            and pairs.application_id = former_expectations.application_id
    left join waivers
        on
            pairs.brid = waivers.brid
            and pairs.application_id = waivers.application_id

)

select * from evidence
