with

causes as (

    select
        *,
        case
            when cause_kind = 'rule_moved_people' and subject_detail like 'no persona:%'
                then 'persona_lost'
            when cause_kind = 'requirement_of_other_units' and alternative_application_id <> ''
                then 'alternative_held'
            when cause_kind = 'requirement_absent' and subject_persona_id is null
                then 'listed_nowhere'
            when cause_kind = 'requirement_absent' and subject_detail = 'withdrawn' then 'withdrawn'
            when cause_kind = 'requirement_absent' and subject_detail is not null
                then 'common_in_unit'
            when cause_kind = 'orphan_cluster' and subject_brid is not null then 'account'
            when cause_kind = 'access_lost_together' and subject_persona_id is not null
                then 'members_lost'
            when cause_kind = 'provisioning_batch' and subject_persona_id is not null
                then 'members_await'
            when cause_kind = 'person' and n_excess = 0 then 'person_lacks'
            when cause_kind = 'person' and n_missing = 0 then 'person_holds'
            when cause_kind = 'feed_fault' and subject_application_id is not null
                then 'application_unreported'
            when cause_kind = 'feed_fault' and subject_detail like '%_row_quarantined'
                then 'row_quarantined'
            when
                cause_kind = 'feed_fault'
                and subject_detail in ('hr_attribute_missing', 'registry_not_new', 'source_late')
                then subject_detail
            else cause_kind
        end as wording,
        case
            when cause_action = 'review_rule' and has_patch then 'give_fitting_persona'
            else cause_action
        end as worded_action
    from {{ ref('fct_root_causes') }}

),

wordings (wording, wording_title, wording_evidence) as (

    {{ cause_wordings() }}

),

actions (worded_action, action_text) as (

    {{ cause_action_texts() }}

),

joined as (

    select
        causes.*,
        wordings.wording_title,
        case
            when wordings.wording_evidence like '%{supporting}%' and causes.n_supporting is null
                then '{people} affected'
            else wordings.wording_evidence
        end as evidence,
        actions.action_text
    from causes
    left join wordings on causes.wording = wordings.wording
    left join actions on causes.worded_action = actions.worded_action

),

worded as (

    select
        as_of_date,
        cause_rank,
        cause_id,
        cause_kind,
        cause_state,
        risk_level,
        {{ filled_in('wording_title') }} as cause_title,
        {{ filled_in('evidence') }} as evidence,
        {{ filled_in('action_text') }} as action_text,
        cause_action,
        action_role,
        action_brid,
        subject_brid,
        subject_persona_id,
        subject_application_id,
        subject_detail,
        n_findings,
        n_missing,
        n_excess,
        n_suspended,
        n_new,
        n_people,
        n_applications,
        n_supporting,
        n_considered,
        n_ending,
        n_opening,
        has_patch,
        proposed_persona_id,
        (opened_date = as_of_date and cause_state <> 'closed') as is_new,
        (
            opened_date < as_of_date
            and cause_state = 'open'
            and n_new >= {{ var('cause_alert_findings') }}
        ) as is_grown,
        first_seen_date,
        opened_date,
        closed_date,
        n_times_reopened,
        oldest_finding_date,
        snoozed_until_date,
        snooze_reason
    from joined

)

select * from worded
