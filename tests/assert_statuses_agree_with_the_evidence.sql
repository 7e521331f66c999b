-- Millions of pairs have about fifty combinations, so one scan serves every law and every word.
with

reconciliation as (

    select
        reconciliation_status,
        reconciliation_reason,
        orphan_detail,
        disposition,
        requirement,
        is_expected,
        is_granted,
        is_in_hr,
        is_application_known,
        waiver_id is not null as is_waiver_named,
        n_grant_rows > 0 as has_grant_rows,
        count(*) as n_pairs,
        min(brid) as example_brid
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11

),

classified as (

    select
        example_brid,
        n_pairs,
        reconciliation_status,
        reconciliation_reason,
        orphan_detail,
        disposition,
        case
            when
                reconciliation_status not in ('match', 'missing', 'excess', 'unassessed')
                or reconciliation_reason not in (
                    'mandatory', 'optional', 'never_granted', 'lost_since_last_week',
                    'orphan_account', 'leaver', 'early_access', 'prohibited_for_persona',
                    'former_persona', 'requirement_withdrawn', 'never_expected',
                    'non_human_registered',
                    'hr_row_quarantined', 'grant_row_quarantined', 'source_late',
                    'membership_row_quarantined', 'requirement_row_quarantined',
                    'application_unknown',
                    'application_not_modelled',
                    'no_mapping', 'unseen_management_level', 'unseen_cost_center',
                    'hr_attribute_missing', 'ambiguous_rules', 'low_confidence',
                    'persona_without_applications'
                )
                or orphan_detail not in ('left_hr_file', 'non_human_unregistered', 'never_seen')
                or disposition not in ('open', 'waived', 'in_grace', 'in_sla', 'suspended')
                then 'A word outside the vocabulary would fall out of every report.'
            when reconciliation_status = 'match' and not (is_expected and is_granted)
                then 'A match is expected and held.'
            when
                reconciliation_status = 'missing'
                and (is_granted or requirement is distinct from 'mandatory')
                then 'Missing is mandatory and not held.'
            when reconciliation_status in ('excess', 'unassessed') and not is_granted
                then 'Nobody can hold too much of what is not held.'
            when has_grant_rows and not is_granted then 'What has a grant row is held.'
            when requirement = 'prohibited' and (is_expected or not is_granted)
                then 'What is prohibited is never expected, and only stands here when it is held.'
            when
                is_expected
                and reconciliation_status in ('excess', 'unassessed')
                and reconciliation_reason not in ('grant_row_quarantined', 'source_late')
                then 'What is expected and held is a match.'
            when
                not is_in_hr
                and reconciliation_reason not in (
                    'orphan_account', 'non_human_registered', 'hr_row_quarantined',
                    'grant_row_quarantined'
                )
                then 'Whom HR does not know is an orphan, a registered account, or quarantined.'
            when
                is_in_hr
                and reconciliation_reason in ('orphan_account', 'non_human_registered')
                then 'A person known to HR is not an orphan.'
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
                is_waiver_named <> coalesce(disposition = 'waived', false)
                then 'What is waived names its waiver.'
        end as law
    from reconciliation

),

broken as (

    select * from classified
    where law is not null

)

select * from broken
