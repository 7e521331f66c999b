-- Pairs go by numbers; names come back last. Millions of them are held, so those are looked up in
-- the few requirements of each set of personas. What is missing is worked out only for people who
-- hold less than they must.
with

actual_access as (

    select * from {{ ref('int_actual_access') }}

),

access_presumed as (

    select
        brid,
        application_id,
        is_privileged,
        granted_date,
        last_used_date,
        is_row_named
    from {{ ref('int_access_presumed') }}
    where as_of_date = {{ as_of_date() }}

),

brids as (

    select * from {{ ref('int_brids') }}

),

brid_keys as (

    select
        brid,
        brid_key
    from {{ ref('int_brid_keys') }}
    group by 1, 2

),

application_keys as (

    select
        application_id,
        application_key
    from {{ ref('int_application_keys') }}
    group by 1, 2

),

known_applications as (

    select
        application_id,
        is_known,
        is_modelled
    from {{ ref('int_applications') }}

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

former_expectations as (

    select * from {{ ref('int_former_expectations') }}

),

waivers as (

    select
        brid,
        application_id,
        waiver_id,
        waived_reason
    from {{ ref('int_waivers') }}

),

expectation_doubts as (

    select
        brid,
        doubt_reason
    from {{ ref('int_expectation_doubts') }}
    where doubt_reason is not null

),

requirement_doubts as (

    select application_id from {{ ref('int_requirement_doubts') }}

),

findings_unclosed as (

    select
        brid,
        application_id,
        finding_type
    from {{ ref('int_findings_unclosed') }}

),

doubts as (

    select false as is_of_any_application from expectation_doubts

    union all

    select application_id is null as is_of_any_application from requirement_doubts

    union all

    select false as is_of_any_application from access_presumed

),

damage as (

    select
        count(*) > 0 as is_any,
        coalesce(bool_or(is_of_any_application), false) as is_of_any_application
    from doubts

),

findings_before as (

    -- Without any damage the findings are not looked up.
    select
        findings_unclosed.brid,
        findings_unclosed.application_id,
        bool_or(findings_unclosed.finding_type = 'excess') as is_excess,
        bool_or(findings_unclosed.finding_type = 'missing') as is_missing
    from findings_unclosed
    cross join damage
    where damage.is_any
    group by 1, 2

),

applications as (

    select
        application_id,
        application_keys.application_key,
        coalesce(known_applications.is_known, false) as is_known,
        coalesce(known_applications.is_modelled, false) as is_modelled
    from known_applications
    full join application_keys using (application_id)

),

persona_sets as (

    select
        persona_set_id,
        dense_rank() over (order by persona_set_id) as persona_set_key,
        count(*) filter (where requirement = 'mandatory') as n_mandatory
    from set_requirements
    group by 1

),

requirements as (

    select
        row_number() over (
            order by set_requirements.persona_set_id, set_requirements.application_id
        ) as requirement_key,
        persona_sets.persona_set_key,
        set_requirements.application_id,
        application_keys.application_key,
        set_requirements.requirement,
        set_requirements.persona_ids
    from set_requirements
    inner join persona_sets on set_requirements.persona_set_id = persona_sets.persona_set_id
    left join application_keys on set_requirements.application_id = application_keys.application_id

),

people as (

    select
        brid,
        brid_keys.brid_key,
        persona_sets.persona_set_key,
        coalesce(persona_sets.n_mandatory, 0) as n_mandatory,
        coalesce(brids.is_in_hr, false) as is_in_hr,
        brids.employment_state,
        brids.hire_date,
        brids.days_since_end,
        coalesce(brids.was_in_hr, false) as was_in_hr,
        coalesce(brids.is_hr_row_quarantined, false) as is_hr_row_quarantined,
        coalesce(brids.is_registered_non_human, false) as is_registered_non_human,
        coalesce(brids.is_listed_non_human, false) as is_listed_non_human,
        brids.unresolved_reason,
        coalesce(brids.is_source_late, false) as is_source_late
    from brids
    full join brid_keys using (brid)
    left join persona_sets on brids.persona_set_id = persona_sets.persona_set_id

),

held as (

    -- Left joins although every key is found: an engine must not join what is held with what
    -- anybody else should hold before it looks whose it is.
    select
        actual_access.brid_key,
        actual_access.application_key,
        requirements.requirement_key,
        coalesce(requirements.requirement = 'mandatory', false) as is_mandatory,
        actual_access.n_grant_rows,
        actual_access.has_several_accounts,
        coalesce(actual_access.is_privileged, false) as is_privileged,
        actual_access.granted_date,
        actual_access.last_used_date,
        coalesce(actual_access.is_source_late, false) as is_source_late
    from actual_access
    left join people on actual_access.brid_key = people.brid_key
    left join requirements
        on
            people.persona_set_key = requirements.persona_set_key
            and actual_access.application_key = requirements.application_key

),

mandatory_held as (

    select
        brid_key,
        count(*) filter (where is_mandatory) as n_held
    from held
    group by 1

),

people_short_of_access as (

    select people.*
    from people
    left join mandatory_held on people.brid_key = mandatory_held.brid_key
    where people.n_mandatory > coalesce(mandatory_held.n_held, 0)

),

held_by_them as (

    select
        held.brid_key,
        held.application_key
    from held
    inner join people_short_of_access on held.brid_key = people_short_of_access.brid_key

),

pairs as (

    select
        people.brid,
        people.is_in_hr,
        people.employment_state,
        people.hire_date,
        people.days_since_end,
        people.was_in_hr,
        people.is_hr_row_quarantined,
        people.is_registered_non_human,
        people.is_listed_non_human,
        people.unresolved_reason,
        applications.application_id,
        applications.is_known as is_application_known,
        applications.is_modelled as is_application_modelled,
        requirements.requirement,
        requirements.persona_ids,
        true as is_granted,
        false as is_presumed,
        false as is_row_named,
        held.n_grant_rows,
        held.has_several_accounts,
        held.is_privileged,
        held.granted_date,
        held.last_used_date,
        held.is_source_late or people.is_source_late as is_source_late
    from held
    left join people on held.brid_key = people.brid_key
    left join applications on held.application_key = applications.application_key
    left join requirements on held.requirement_key = requirements.requirement_key

    union all

    select
        people_short_of_access.brid,
        people_short_of_access.is_in_hr,
        people_short_of_access.employment_state,
        people_short_of_access.hire_date,
        people_short_of_access.days_since_end,
        people_short_of_access.was_in_hr,
        people_short_of_access.is_hr_row_quarantined,
        people_short_of_access.is_registered_non_human,
        people_short_of_access.is_listed_non_human,
        people_short_of_access.unresolved_reason,
        requirements.application_id,
        coalesce(applications.is_known, false) as is_application_known,
        coalesce(applications.is_modelled, false) as is_application_modelled,
        requirements.requirement,
        requirements.persona_ids,
        false as is_granted,
        false as is_presumed,
        false as is_row_named,
        0 as n_grant_rows,
        false as has_several_accounts,
        false as is_privileged,
        cast(null as date) as granted_date,
        cast(null as date) as last_used_date,
        people_short_of_access.is_source_late
    from people_short_of_access
    inner join requirements
        on people_short_of_access.persona_set_key = requirements.persona_set_key
    left join held_by_them
        on
            people_short_of_access.brid_key = held_by_them.brid_key
            and requirements.application_key = held_by_them.application_key
    left join applications on requirements.application_id = applications.application_id
    left join access_presumed
        on
            people_short_of_access.brid = access_presumed.brid
            and requirements.application_id = access_presumed.application_id
    -- An optional or prohibited application that is not held is not a finding.
    where
        requirements.requirement = 'mandatory'
        and held_by_them.brid_key is null
        and access_presumed.brid is null

    union all

    select
        access_presumed.brid,
        coalesce(people.is_in_hr, false) as is_in_hr,
        people.employment_state,
        people.hire_date,
        people.days_since_end,
        coalesce(people.was_in_hr, false) as was_in_hr,
        coalesce(people.is_hr_row_quarantined, false) as is_hr_row_quarantined,
        coalesce(people.is_registered_non_human, false) as is_registered_non_human,
        coalesce(people.is_listed_non_human, false) as is_listed_non_human,
        people.unresolved_reason,
        access_presumed.application_id,
        coalesce(applications.is_known, false) as is_application_known,
        coalesce(applications.is_modelled, false) as is_application_modelled,
        requirements.requirement,
        requirements.persona_ids,
        true as is_granted,
        true as is_presumed,
        coalesce(access_presumed.is_row_named, false) as is_row_named,
        0 as n_grant_rows,
        false as has_several_accounts,
        access_presumed.is_privileged,
        access_presumed.granted_date,
        access_presumed.last_used_date,
        coalesce(people.is_source_late, false) as is_source_late
    from access_presumed
    left join people on access_presumed.brid = people.brid
    left join applications on access_presumed.application_id = applications.application_id
    left join requirements
        on
            people.persona_set_key = requirements.persona_set_key
            and access_presumed.application_id = requirements.application_id

),

evidence as (

    select
        pairs.*,
        coalesce(pairs.requirement in ('mandatory', 'optional'), false) as is_expected,
        case
            when coalesce(pairs.requirement, '') not in ('mandatory', 'optional')
                then former_expectations.last_expected_date
        end as last_expected_date,
        case
            when coalesce(pairs.requirement, '') not in ('mandatory', 'optional')
                then former_expectations.moved_date
        end as moved_date,
        coalesce(former_expectations.is_withdrawn, false) as is_withdrawn,
        waivers.waiver_id,
        waivers.waived_reason,
        -- While a row that says what is expected may be damaged, nothing opens by what is expected.
        case
            when expectation_doubts.doubt_reason is not null then expectation_doubts.doubt_reason
            when damage.is_of_any_application or requirement_doubts.application_id is not null
                then 'requirement_row_quarantined'
        end as doubt_reason,
        coalesce(findings_before.is_excess, false) as was_excess,
        coalesce(findings_before.is_missing, false) as was_missing
    from pairs
    cross join damage
    left join expectation_doubts on pairs.brid = expectation_doubts.brid
    left join requirement_doubts on pairs.application_id = requirement_doubts.application_id
    left join findings_before
        on
            pairs.brid = findings_before.brid
            and pairs.application_id = findings_before.application_id
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
