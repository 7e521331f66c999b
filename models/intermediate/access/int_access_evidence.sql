with

pairs as (

    select
        brid,
        application_id,
        is_in_hr,
        was_in_hr,
        is_hr_row_quarantined,
        is_registered_non_human,
        is_listed_non_human,
        employment_state,
        hire_date,
        days_since_end,
        unresolved_reason,
        is_application_known,
        is_application_modelled,
        requirement,
        persona_ids,
        coalesce(requirement in ('mandatory', 'optional'), false) as is_expected,
        is_granted,
        is_presumed,
        is_row_named,
        n_grant_rows,
        has_several_accounts,
        is_privileged,
        granted_date,
        last_used_date,
        is_source_late
    from {{ ref('int_access_pairs') }}

),

damage as (

    select * from {{ ref('int_access_damage') }}

),

former_expectations as (

    select * from {{ ref('int_former_expectations') }}

),

waivers as (

    select * from {{ ref('int_waivers') }}

),

expectation_doubts as (

    select * from {{ ref('int_expectation_doubts') }}
    where doubt_reason is not null

),

requirement_doubts as (

    select application_id from {{ ref('int_requirement_doubts') }}

),

findings_before as (

    -- If nothing is damaged, findings are not looked up.
    select
        findings.brid,
        findings.application_id,
        bool_or(findings.finding_type = 'excess') as is_excess,
        bool_or(findings.finding_type = 'missing') as is_missing
    from {{ ref('int_findings_unclosed') }} as findings
    cross join damage
    where damage.is_any
    group by 1, 2

),

evidence as (

    select
        pairs.*,
        case when not pairs.is_expected then former_expectations.last_expected_date end
            as last_expected_date,
        case when not pairs.is_expected then former_expectations.moved_date end as moved_date,
        coalesce(former_expectations.is_withdrawn, false) as is_withdrawn,
        waivers.waiver_id,
        waivers.waived_reason,
        -- While a row with expectations may be damaged, expectations open no finding.
        coalesce(
            expectation_doubts.doubt_reason,
            case
                when damage.is_of_any_application or requirement_doubts.application_id is not null
                    then 'requirement_row_quarantined'
            end
        ) as doubt_reason,
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
