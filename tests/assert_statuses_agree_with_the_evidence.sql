with

reconciliation as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        orphan_detail,
        disposition,
        waiver_id,
        requirement,
        is_expected,
        is_granted,
        is_in_hr,
        is_application_known,
        n_grant_rows
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

judged as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        case
            when reconciliation_status = 'match' and not (is_expected and is_granted)
                then 'A match is expected and held.'
            when
                reconciliation_status = 'missing'
                and (is_granted or requirement is distinct from 'mandatory')
                then 'Missing is mandatory and not held.'
            when reconciliation_status in ('excess', 'unassessed') and not is_granted
                then 'Nobody can hold too much of what is not held.'
            when is_granted <> (n_grant_rows > 0) then 'What is held has a grant row.'
            when requirement = 'prohibited' and (is_expected or not is_granted)
                then 'What is prohibited is never expected, and only stands here when it is held.'
            when
                is_expected and reconciliation_status in ('excess', 'unassessed')
                then 'What is expected and held is a match.'
            when
                not is_in_hr
                and reconciliation_reason not in (
                    'orphan_account', 'non_human_registered', 'hr_row_quarantined'
                )
                then 'Whom HR does not know is an orphan, a registered account, or quarantined.'
            when
                is_in_hr
                and reconciliation_reason in (
                    'orphan_account', 'non_human_registered', 'hr_row_quarantined'
                )
                then 'Whom HR knows is no orphan.'
            when
                not is_application_known
                and reconciliation_status not in ('unassessed')
                and is_in_hr
                and reconciliation_reason not in ('leaver', 'early_access')
                then 'What nobody can name is unassessed.'
            when (orphan_detail is not null) <> (reconciliation_reason = 'orphan_account')
                then 'Orphans, and only they, have an orphan_detail.'
            when
                (disposition is not null) <> (reconciliation_status in ('missing', 'excess'))
                then 'Findings, and only they, have a disposition.'
            when
                (waiver_id is not null) <> coalesce(disposition = 'waived', false)
                then 'What is waived names its waiver.'
        end as law
    from reconciliation

),

broken as (

    select * from judged
    where law is not null

)

select * from broken
