{% set parts = {
    'person': 'subject_brid',
    'persona': 'subject_persona_id',
    'application': 'subject_application_id',
    'alternative': 'alternative_application_id',
    'fitting': 'proposed_persona_id',
    'rule': 'left(subject_detail, length(subject_detail) - 11)',
    'day': 'right(subject_detail, 10)',
    'feed': "replace(replace(subject_detail, '_row_quarantined', ''), '_', ' ')",
    'reason': "replace(subject_detail, '_', ' ')",
    'supporting': grouped_number('n_supporting'),
    'considered': grouped_number('n_considered'),
    'findings': counted_noun('n_findings', 'finding', 'findings'),
    'people': counted_noun('n_people', 'person', 'people'),
    'accounts': counted_noun('n_people', 'account', 'accounts'),
    'applications': counted_noun('n_applications', 'application', 'applications'),
    'detail': 'subject_detail',
} %}

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
            when cause_kind = 'requirement_absent' and subject_detail = 'withdrawn'
                then 'withdrawn'
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

    values
    (
        'offboarding_incomplete',
        '{person} has left and still holds access',
        '{applications} held after the last day'
    ),
    (
        'access_before_start',
        '{person} holds access before the first day',
        '{applications} held already'
    ),
    (
        'move_incomplete',
        '{person} moved and kept the old access',
        '{applications} of the former persona held'
    ),
    ('persona_lost', 'People lost their persona on {day}', '{findings} of {people}'),
    (
        'rule_moved_people',
        '{rule} changed the persona of people on {day}',
        '{findings} of {people}'
    ),
    (
        'spelling',
        '{application} is held under the name {detail}',
        '{supporting} of {considered} who lack it hold {detail}'
    ),
    (
        'application_replaced',
        '{application} is replaced by {detail}',
        '{supporting} of {considered} who lack it hold {detail}'
    ),
    ('application_retired', '{application} is gone from the registry', '{people} affected'),
    (
        'requirement_not_real',
        '{persona} requires {application}, which few members hold',
        '{supporting} of {considered} members hold it'
    ),
    (
        'requirement_of_other_units',
        '{persona} requires {application} of people who work without it',
        '{supporting} of {considered} members lack it, nearly all in units where most lack it'
    ),
    (
        'alternative_held',
        '{persona} requires {application} of people who work without it',
        '{supporting} of {considered} who lack it hold {alternative}'
    ),
    (
        'listed_nowhere',
        '{application} is held in several personas that do not list it',
        '{people} affected'
    ),
    (
        'withdrawn',
        '{persona} no longer lists {application}, which is still held',
        '{supporting} of {considered} members hold it'
    ),
    (
        'common_in_unit',
        '{application} is common in {detail}, and {persona} does not list it',
        '{supporting} of {considered} members hold it'
    ),
    (
        'requirement_absent',
        'Most members of {persona} hold {application}, which it does not list',
        '{supporting} of {considered} members hold it'
    ),
    (
        'assignment_not_real',
        'People whom {detail} gives {persona} hold little of it',
        '{findings} of {people}'
    ),
    (
        'provisioning_gap',
        'Members of {persona} lack {application}',
        '{supporting} of {considered} members hold it'
    ),
    ('provisioning_batch', '{application} was due on {detail} and is missing', '{people} affected'),
    (
        'members_await',
        '{persona} asked for {application} on {detail}, and members lack it',
        '{supporting} of {considered} members hold it'
    ),
    (
        'members_lost',
        'Members of {persona} lost {application} on {detail}',
        '{supporting} of {considered} members still hold it'
    ),
    ('access_lost_together', 'Several people lost {application} on {detail}', '{people} affected'),
    ('account', 'Account {person} has no owner', '{applications} held'),
    (
        'orphan_cluster',
        'Accounts {detail} on {application} have no owner',
        '{accounts} named alike'
    ),
    ('application_unreported', 'The registry does not report {application}', '{people} affected'),
    (
        'hr_attribute_missing',
        'HR lacks attributes of people by which they are mapped',
        '{findings} of {people} suspended'
    ),
    (
        'registry_not_new',
        'The registry delivered no newer extract',
        '{findings} of {people} suspended'
    ),
    ('source_late', 'A source of a feed is late', '{findings} of {people} suspended'),
    (
        'row_quarantined',
        'Rows cannot be read that may be the evidence: {feed}',
        '{findings} of {people} suspended'
    ),
    (
        'feed_fault',
        'The feeds lack data about people: {reason}',
        '{findings} of {people} suspended'
    ),
    (
        'persona_unknown',
        'People have no persona any more: {reason}',
        '{findings} of {people} suspended'
    ),
    (
        'prohibited_held',
        '{application} is held although {persona} prohibits it',
        '{supporting} of {considered} members hold it'
    ),
    (
        'peer_outlier',
        'People hold {application}, unlike their peers',
        'at most {supporting} of {considered} peers hold it'
    ),
    (
        'person_without_access',
        '{person} has no access at all',
        '{applications} required, none held'
    ),
    ('person_lacks', '{person} lacks several applications', '{applications} missing'),
    (
        'person_holds',
        '{person} holds several applications that none of their personas lists',
        '{applications} held'
    ),
    ('person', '{person} has several findings', '{applications} affected')

),

actions (worded_action, action_text) as (

    values
    ('remove_all_access', 'Remove all access of the person in one request.'),
    ('remove_until_start', 'Remove the access until the first day.'),
    ('remove_old_access', 'Remove the old access in one request.'),
    ('review_rule', 'Correct the rule or list; `persona-access impact` shows the effect.'),
    ('give_fitting_persona', 'Correct the rule: {fitting} fits these people better.'),
    ('add_alias', 'Add an alias.'),
    ('replace_in_list', 'Replace the old application in the persona list.'),
    ('retire_application', 'Retire the application, or have the registry deliver it again.'),
    ('make_optional', 'Make the requirement optional for the persona, or provision it.'),
    ('add_to_list_or_revoke', 'Add the application to the persona, or revoke it.'),
    ('provision', 'Provision the access in one request.'),
    ('restore_access', 'Ask IAM what happened; restore the access, or end what asks for it.'),
    ('name_owner_or_close', 'Register the accounts with an owner, or close them.'),
    ('map_people', 'Add a rule or a membership for these people.'),
    ('correct_feed', 'Ask the owner of the feed for the missing data.'),
    ('revoke', 'Revoke the access.'),
    ('revoke_or_list', 'Revoke the access, the rarest first, or add it to a persona.'),
    ('provision_person', 'Provision all access of the person in one request.'),
    ('one_request', 'Resolve all findings of the person in one request.')

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
        {{ filled_in('wording_title', parts) }} as cause_title,
        {{ filled_in('evidence', parts) }} as evidence,
        {{ filled_in('action_text', parts) }} as action_text,
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
