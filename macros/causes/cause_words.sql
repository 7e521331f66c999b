{% macro cause_kinds() -%}
values
('offboarding_incomplete', 'remove_all_access', 'access_team'),
('access_before_start', 'remove_until_start', 'line_manager'),
('move_incomplete', 'remove_old_access', 'line_manager'),
('rule_moved_people', 'review_rule', 'mapping_owner'),
('spelling', 'add_alias', 'access_team'),
('application_replaced', 'replace_in_list', 'persona_owner'),
('application_retired', 'retire_application', 'application_owner'),
('requirement_not_real', 'make_optional', 'persona_owner'),
('requirement_of_other_units', 'make_optional', 'persona_owner'),
('requirement_absent', 'add_to_list_or_revoke', 'persona_owner'),
('provisioning_gap', 'provision', 'access_team'),
('provisioning_batch', 'provision', 'access_team'),
('access_lost_together', 'restore_access', 'access_team'),
('assignment_not_real', 'review_rule', 'mapping_owner'),
('orphan_cluster', 'name_owner_or_close', 'application_owner'),
('feed_fault', 'correct_feed', 'feed_owner'),
('persona_unknown', 'map_people', 'mapping_owner'),
('prohibited_held', 'revoke', 'line_manager'),
('peer_outlier', 'revoke_or_list', 'application_owner'),
('person_without_access', 'provision_person', 'access_team'),
('person', 'one_request', 'line_manager')
{%- endmacro %}

{% macro cause_wordings() -%}
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
{%- endmacro %}

{% macro cause_action_texts() -%}
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
{%- endmacro %}
