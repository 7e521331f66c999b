with

actual_access as (

    select * from {{ ref('int_actual_access') }}

),

persona_sets as (

    select
        brid,
        persona_set_id,
        unresolved_reason
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

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

employees as (

    select
        brid,
        employment_state,
        hire_date,
        days_since_end
    from {{ ref('int_employees') }}

),

employee_sightings as (

    select
        brid,
        first_sighted_date
    from {{ ref('int_employee_sightings') }}
    where first_sighted_date < {{ as_of_date() }}

),

hr_rows_quarantined as (

    select brid from {{ ref('int_hr_rows_quarantined') }}

),

non_human_accounts as (

    select
        brid,
        is_registered
    from {{ ref('int_non_human_accounts') }}

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
        persona_sets.brid,
        set_requirements.application_id,
        set_requirements.requirement,
        set_requirements.persona_ids
    from persona_sets
    inner join set_requirements
        on persona_sets.persona_set_id = set_requirements.persona_set_id

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
        coalesce(actual_access.n_accounts, 0) as n_accounts,
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
        pairs.n_accounts,
        pairs.is_privileged,
        pairs.granted_date,
        pairs.last_used_date,
        employees.brid is not null as is_in_hr,
        employees.employment_state,
        employees.hire_date,
        employees.days_since_end,
        employee_sightings.brid is not null as was_in_hr,
        hr_rows_quarantined.brid is not null as is_hr_row_quarantined,
        coalesce(non_human_accounts.is_registered, false) as is_registered_non_human,
        (
            non_human_accounts.brid is not null
            or {{ is_non_human_brid('pairs.brid') }}
        ) as is_non_human,
        coalesce(applications.is_known, false) as is_application_known,
        coalesce(applications.is_modelled, false) as is_application_modelled,
        persona_sets.unresolved_reason,
        former_expectations.last_expected_date,
        waivers.waiver_id
    from pairs
    left join employees on pairs.brid = employees.brid
    left join employee_sightings on pairs.brid = employee_sightings.brid
    left join hr_rows_quarantined on pairs.brid = hr_rows_quarantined.brid
    left join non_human_accounts on pairs.brid = non_human_accounts.brid
    left join applications on pairs.application_id = applications.application_id
    left join persona_sets on pairs.brid = persona_sets.brid
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
