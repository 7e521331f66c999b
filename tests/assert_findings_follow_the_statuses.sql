with

pairs as (

    select
        brid,
        application_id
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

finding_weeks as (

    select
        brid,
        application_id,
        finding_type,
        finding_state,
        disposition
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

applications_reported as (

    select application_id from {{ ref('int_applications_reported') }}

),

statuses as (

    select
        brid,
        application_id,
        reconciliation_status as finding_type,
        disposition
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and reconciliation_status in ('missing', 'excess')

),

open_findings as (

    select * from finding_weeks
    where finding_state = 'open'

),

paired as (

    select
        brid,
        application_id,
        finding_type,
        case
            when open_findings.finding_state is null then 'A finding of this week is not followed.'
            when statuses.disposition is null then 'An open finding is none of this week.'
            when statuses.disposition <> open_findings.disposition
                then 'The finding has another disposition than the pair.'
        end as reason
    from statuses
    full join open_findings using (brid, application_id, finding_type)

),

ended as (

    select
        finding_weeks.brid,
        finding_weeks.application_id,
        finding_weeks.finding_type,
        case
            when finding_weeks.finding_state = 'closed'
                then 'It closed although no fresh extract reports the application.'
            else 'It is suspended although a fresh extract reports the application.'
        end as reason
    from finding_weeks
    left join pairs
        on
            finding_weeks.brid = pairs.brid
            and finding_weeks.application_id = pairs.application_id
    left join applications_reported
        on finding_weeks.application_id = applications_reported.application_id
    where
        finding_weeks.finding_type = 'excess'
        and pairs.brid is null
        and case finding_weeks.finding_state
            when 'closed' then applications_reported.application_id is null
            when 'suspended' then applications_reported.application_id is not null
        end

),

broken as (

    select * from paired
    where reason is not null

    union all

    select * from ended

)

select * from broken
