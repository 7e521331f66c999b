with

finding_weeks as (

    select
        brid,
        application_id,
        finding_type,
        finding_state,
        disposition,
        opened_date,
        due_date,
        is_overdue
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

statuses as (

    select
        brid,
        application_id,
        reconciliation_status as finding_type,
        disposition
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and disposition <> 'suspended'

),

unassessed as (

    select
        brid,
        application_id,
        is_granted
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }}
        and reconciliation_status = 'unassessed'
        and reconciliation_reason <> 'non_human_registered'

),

pairs_held as (

    select
        brid,
        application_id
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted

),

applications_in_iam as (

    select application_id from {{ ref('int_applications') }}
    where is_in_iam

),

applications_moved as (

    select application_id from {{ ref('int_applications_moved') }}

),

retired_applications as (

    select application_id from {{ ref('int_retired_applications') }}

),

findings_before as (

    select
        brid,
        application_id,
        finding_type
    from {{ ref('int_findings_unclosed') }}

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

lost as (

    select
        brid,
        application_id,
        finding_type,
        'A finding of last week is neither open nor suspended nor closed.' as reason
    from findings_before
    left join finding_weeks using (brid, application_id, finding_type)
    where finding_weeks.finding_state is null

),

ended as (

    select
        finding_weeks.brid,
        finding_weeks.application_id,
        finding_weeks.finding_type,
        case
            when
                unassessed.brid is not null
                and (finding_weeks.finding_type = 'excess' or not unassessed.is_granted)
                then 'It closed although nobody can decide it.'
            when
                finding_weeks.finding_type = 'excess'
                and statuses.brid is null
                and pairs_held.brid is null
                and applications_in_iam.application_id is null
                and applications_moved.application_id is null
                then 'It closed although the registry is silent of the application.'
        end as reason
    from finding_weeks
    left join unassessed
        on
            finding_weeks.brid = unassessed.brid
            and finding_weeks.application_id = unassessed.application_id
    left join statuses
        on
            finding_weeks.brid = statuses.brid
            and finding_weeks.application_id = statuses.application_id
    left join pairs_held
        on
            finding_weeks.brid = pairs_held.brid
            and finding_weeks.application_id = pairs_held.application_id
    left join applications_in_iam
        on finding_weeks.application_id = applications_in_iam.application_id
    left join applications_moved
        on finding_weeks.application_id = applications_moved.application_id
    left join retired_applications
        on finding_weeks.application_id = retired_applications.application_id
    where finding_weeks.finding_state = 'closed' and retired_applications.application_id is null

),

dated as (

    select
        brid,
        application_id,
        finding_type,
        case
            when due_date < opened_date then 'It is due before it opened.'
            when is_overdue and opened_date = {{ as_of_date() }} then 'It is overdue as it opens.'
            when is_overdue and finding_state <> 'open' then 'It is overdue and not open.'
        end as reason
    from finding_weeks

),

broken as (

    select * from paired
    where reason is not null

    union all

    select * from lost

    union all

    select * from ended
    where reason is not null

    union all

    select * from dated
    where reason is not null

)

select * from broken
