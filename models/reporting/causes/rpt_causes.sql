with

causes as (

    select * from {{ ref('fct_root_causes') }}

),

named as (

    select
        *,
        coalesce(subject_persona_id, '') as persona,
        coalesce(subject_application_id, '') as application,
        coalesce(subject_detail, '') as detail,
        coalesce(subject_brid, '') as person,
        cast(n_supporting as {{ dbt.type_string() }}) as supporting,
        cast(n_considered as {{ dbt.type_string() }}) as considered,
        cast(n_findings as {{ dbt.type_string() }}) as findings,
        cast(n_people as {{ dbt.type_string() }}) as people,
        cast(n_applications as {{ dbt.type_string() }}) as applications
    from causes

),

worded as (

    select
        as_of_date,
        cause_rank,
        cause_id,
        cause_kind,
        cause_state,
        risk_level,
        case cause_kind
            when 'offboarding_incomplete' then person || ' has left and still holds access'
            when 'access_before_start' then person || ' holds access before the first day'
            when 'move_incomplete' then person || ' moved and kept the old access'
            when 'rule_moved_people' then 'People changed persona because of ' || detail
            when 'spelling' then application || ' is held under the name ' || detail
            when 'application_replaced' then application || ' is replaced by ' || detail
            when 'application_retired' then application || ' is gone from the registry'
            when 'requirement_not_real'
                then persona || ' requires ' || application || ', which few members hold'
            when 'requirement_of_other_units'
                then
                    persona || ' requires ' || application
                    || ' of people who work without it'
            when 'provisioning_gap'
                then 'Members of ' || persona || ' lack ' || application
            when 'requirement_absent'
                then
                    case
                        when subject_persona_id is null
                            then application || ' is held in several personas that do not list it'
                        when subject_detail = 'withdrawn'
                            then
                                persona
                                || ' no longer lists '
                                || application
                                || ', which is still held'
                        when subject_detail is not null
                            then
                                application || ' is common in ' || detail || ', and ' || persona
                                || ' does not list it'
                        else
                            'Most members of ' || persona || ' hold ' || application
                            || ', which it does not list'
                    end
            when 'assignment_not_real'
                then 'People whom ' || detail || ' gives ' || persona || ' hold little of it'
            when 'provisioning_batch'
                then
                    application || ' was due to several people on ' || detail || ' and is missing'
            when 'access_lost_together'
                then 'Several people lost ' || application || ' on ' || detail
            when 'orphan_cluster'
                then
                    case
                        when subject_brid is not null
                            then 'Account ' || person || ' has no owner'
                        else 'Accounts ' || detail || ' on ' || application || ' have no owner'
                    end
            when 'feed_fault'
                then
                    case
                        when subject_application_id is not null
                            then 'The registry does not report ' || application
                        when subject_detail = 'hr_attribute_missing'
                            then 'HR lacks attributes of people by which they are mapped'
                        when subject_detail = 'registry_not_new'
                            then 'The registry delivered no newer extract'
                        when subject_detail = 'source_late' then 'A source of a feed is late'
                        when subject_detail like '%_row_quarantined'
                            then
                                'Rows cannot be read that may be the evidence: '
                                || replace(replace(detail, '_row_quarantined', ''), '_', ' ')
                        else 'The feeds lack data about people: ' || replace(detail, '_', ' ')
                    end
            when 'persona_unknown'
                then 'No persona is known any more of people: ' || replace(detail, '_', ' ')
            when 'prohibited_held'
                then application || ' is held although ' || persona || ' prohibits it'
            when 'peer_outlier' then 'People hold ' || application || ', unlike their peers'
            when 'person_without_access' then person || ' has no access at all'
            when 'person' then person || ' has several findings'
        end as cause_title,
        case
            when cause_kind in ('spelling', 'application_replaced')
                then
                    supporting || ' of ' || considered || ' who lack ' || application || ' hold '
                    || detail
            when cause_kind = 'requirement_of_other_units'
                then
                    case
                        when alternative_application_id is not null
                            then
                                supporting || ' of ' || considered || ' who lack '
                                || application || ' hold ' || alternative_application_id
                        else
                            supporting || ' of ' || considered || ' members lack ' || application
                            || ', nearly all where most of their unit do'
                    end
            when cause_kind = 'peer_outlier'
                then 'at most ' || supporting || ' of ' || considered || ' peers hold it'
            when
                n_supporting is not null
                and cause_kind in (
                    'requirement_not_real', 'provisioning_gap', 'requirement_absent',
                    'prohibited_held'
                )
                then supporting || ' of ' || considered || ' members hold it'
            when subject_brid is not null
                then 'findings: ' || findings || ', applications: ' || applications
            else 'findings: ' || findings || ', people or accounts: ' || people
        end as evidence,
        case cause_action
            when 'remove_all_access' then 'Remove all access of the person in one request.'
            when 'remove_until_start' then 'Remove the access until the first day.'
            when 'remove_old_access' then 'Remove the old access in one request.'
            when 'review_rule'
                then
                    case
                        when has_patch
                            then
                                'Correct the rule: ' || proposed_persona_id
                                || ' fits these people better.'
                        else 'Correct the rule or list; `persona-access impact` shows the effect.'
                    end
            when 'add_alias' then 'Add an alias.'
            when
                'replace_in_list'
                then 'Replace the old application in the persona list.'
            when
                'retire_application'
                then 'Retire the application, or have the registry deliver it again.'
            when 'make_optional'
                then 'Make the requirement optional for the persona, or provision it.'
            when 'add_to_list_or_revoke' then 'Add the application to the persona, or revoke it.'
            when 'provision' then 'Provision the access in one request.'
            when 'restore_access' then 'Ask IAM what happened, and restore the access.'
            when 'name_owner_or_close' then 'Register the accounts with an owner, or close them.'
            when 'map_people' then 'Add a rule or a membership for these people.'
            when 'correct_feed' then 'Ask the owner of the feed for the missing data.'
            when 'revoke' then 'Revoke the access.'
            when 'revoke_or_list'
                then 'Revoke the access, the rarest first, or add it to a persona.'
            when 'provision_person' then 'Provision all access of the person in one request.'
            when 'one_request' then 'Resolve all findings of the person in one request.'
        end as action_text,
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
        first_seen_date,
        opened_date,
        closed_date,
        n_times_reopened,
        oldest_finding_date,
        snoozed_until_date,
        snooze_reason
    from named

)

select * from worded
