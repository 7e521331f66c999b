-- The yardstick: the first week of a history, from its CSV files and the seeds to the rows of
-- fct_access_reconciliation, as one DuckDB script written for speed. It creates that table with all
-- its columns and nothing else: no raw layer, no quarantine, no other marts, no history, no tests.
--
-- The runner sets as_of_date (text), drop_zone, seeds, missing_sla_days, finding_sla_days, pretrained_min_precision
-- and non_human_brids (a regular expression). Registry rows that cannot be read are skipped.
set preserve_insertion_order = false;

create temp macro as_of() as cast(getvariable('as_of_date') as date);
create temp macro feed(feed_name) as
    getvariable('drop_zone') || '/' || feed_name || '_' || getvariable('as_of_date') || '.csv';
create temp macro seed(seed_name) as getvariable('seeds') || '/' || seed_name || '.csv';
create temp macro clean(value) as
    nullif(trim(replace(replace(value, chr(9), ' '), chr(160), ' ')), '');
create temp macro word(value) as lower(replace(replace(clean(value), ' ', '_'), '-', '_'));
create temp macro is_in_force(valid_from, valid_to) as
    coalesce(valid_from <= as_of(), true) and coalesce(valid_to >= as_of(), true);
create temp macro brid_of_cleaned(value) as
    case
        when regexp_full_match(value, 'B?[0-9]+')
            then coalesce(nullif(ltrim(ltrim(value, 'B'), '0'), ''), '0')
        when
            regexp_full_match(value, '[A-Z0-9][A-Z0-9._-]*')
            and not regexp_full_match(value, '[0-9]+E[0-9]+|[0-9]+[.][0-9]+(E[0-9]+)?')
            then value
    end;
create temp macro to_brid(value) as brid_of_cleaned(upper(clean(value)));
create temp macro does_rule_match(rule, level, center) as
    (rule.management_level = '*' or coalesce(rule.management_level = level, false))
    and case
        when rule.cost_center = '*' then true
        when rule.cost_center like '%*'
            then coalesce(starts_with(center, rtrim(rule.cost_center, '*')), false)
        else coalesce(rule.cost_center = center, false)
    end
    and (rule.is_null_matched or (level is not null and center is not null));

-- Files and seeds ------------------------------------------------------------------------------

-- Whether a grant counts is decided while it is read; keys keep their spelling.
create temp table grants as
select
    brid as brid_spelling,
    application_id as application_spelling,
    application_name is not null as is_named,
    case when contains(account_id, ' ') or contains(account_id, chr(9)) or contains(account_id, chr(160))
        then clean(account_id) else account_id end as account_id,
    case is_privileged
        when 'false' then false
        when 'true' then true
        else coalesce(lower(clean(is_privileged)) in ('true', 't', 'yes', 'y', '1'), false)
    end as is_privileged,
    granted_date,
    last_used_date,
    (
        -- The usual spelling first: cleaning five million words costs more than reading them.
        case
            when account_status = 'active' then true
            else coalesce(word(account_status) = 'active', true)
        end
        and coalesce(granted_date <= as_of(), true)
        and coalesce(expires_date >= as_of(), true)
    ) as is_counted
from read_csv(
    feed('iam_app_registry'),
    types = {
        'brid': 'varchar', 'application_id': 'varchar', 'application_name': 'varchar',
        'account_id': 'varchar', 'account_status': 'varchar', 'is_privileged': 'varchar',
        'granted_date': 'date', 'expires_date': 'date', 'last_used_date': 'date'
    },
    ignore_errors = true
);

create temp table hr_rows as
select
    to_brid(brid) as brid,
    word(employment_status) as employment_status,
    lower(clean(management_level)) as management_level,
    lower(clean(cost_center)) as cost_center,
    lower(clean(department)) as department,
    lower(clean(job_title)) as job_title,
    lower(clean(worker_type)) as worker_type,
    to_brid(manager_brid) as manager_brid,
    try_cast(hire_date as date) as hired,
    try_cast(termination_date as date) as terminated,
    (
        (hire_date is not null and hired is null)
        or (termination_date is not null and terminated is null)
        or word(hr_headcount.employment_status) not in ('active', 'on_leave', 'terminated', 'future')
    ) as is_unreadable
from read_csv(feed('hr_headcount'), all_varchar = true) as hr_headcount;

create temp table rules as
select
    effect,
    lower(management_level) as management_level,
    lower(cost_center) as cost_center,
    persona_id,
    priority,
    is_null_matched
from read_csv(
    seed('mapping_rules'),
    types = {
        'priority': 'int', 'is_null_matched': 'boolean', 'valid_from': 'date', 'valid_to': 'date'
    }
)
where is_in_force(valid_from, valid_to);

create temp table aliases as
select
    lower(clean(alias)) as spelling,
    min(lower(clean(application_id))) as application_id
from read_csv(seed('application_aliases'), types = {'valid_from': 'date', 'valid_to': 'date'})
where is_in_force(valid_from, valid_to)
group by 1;

create temp table applications as
with
named as (
    select application_spelling as spelling, bool_or(is_named) as is_known
    from grants
    group by 1
    union all
    select distinct application_id as spelling, true as is_known
    from read_csv(feed('persona_list'), all_varchar = true)
    union all
    select application_id as spelling, true as is_known from aliases
),
resolved as (
    select
        named.spelling,
        coalesce(aliases.application_id, lower(clean(named.spelling))) as application_id,
        is_known
    from named
    left join aliases on lower(clean(named.spelling)) = aliases.spelling
)
select
    spelling,
    application_id,
    dense_rank() over (order by application_id)::int as application,
    bool_or(is_known) over (partition by application_id) as is_known
from resolved
where application_id is not null
qualify row_number() over (partition by spelling) = 1;

-- 1 optional, 2 mandatory, 3 prohibited: of several, the greatest wins.
create temp table requirements as
select
    clean(persona_id) as persona_id,
    applications.application,
    max(case coalesce(word(requirement), 'mandatory')
        when 'optional' then 1 when 'mandatory' then 2 when 'prohibited' then 3
    end)::utinyint as requirement
from read_csv(feed('persona_list'), all_varchar = true) as persona_list
inner join applications on persona_list.application_id = applications.spelling
group by 1, 2;

-- People ---------------------------------------------------------------------------------------

create temp table employees as
select
    *,
    coalesce(
        terminated <= as_of() and not coalesce(hired > terminated and hired <= as_of(), false), false
    ) as has_ended_by_date,
    case
        when has_ended_by_date then 'leaver'
        when employment_status = 'terminated' and coalesce(hired > terminated, true) then 'leaver'
        when coalesce(hired > as_of(), employment_status = 'future') then 'early_access'
        else 'employed'
    end as state
from hr_rows
where brid is not null and not is_unreadable
qualify row_number() over (
    partition by brid
    order by
        state <> 'employed', hired desc nulls last, terminated desc nulls first,
        management_level nulls last, cost_center nulls last, employment_status nulls last,
        job_title nulls last, department nulls last, worker_type nulls last
) = 1;

-- Rules give the same result to all people with the same level and cost center.
create temp table cell_rules as
select cells.*, rules.* exclude (management_level, cost_center, is_null_matched),
    rules.management_level as rule_level, rules.cost_center as rule_center
from (
    select distinct management_level, cost_center from employees where state = 'employed'
) as cells
inner join rules on does_rule_match(rules, cells.management_level, cells.cost_center);

create temp table cell_exclusions as
select management_level, cost_center, list(persona_id) as excluded
from cell_rules
where effect = 'exclude'
group by 1, 2;

create temp table cell_answers as
with best as (
    select cell_rules.management_level, cell_rules.cost_center, persona_id
    from cell_rules
    left join cell_exclusions
        on cell_rules.management_level is not distinct from cell_exclusions.management_level
        and cell_rules.cost_center is not distinct from cell_exclusions.cost_center
    where effect = 'assign' and not coalesce(list_has_any(excluded, [persona_id, '*']), false)
    qualify rank() over (
        partition by cell_rules.management_level, cell_rules.cost_center
        order by
            priority nulls last, rule_center like '%*', length(rule_center) desc, rule_level = '*'
    ) = 1
)
-- A tie is an answer, too, without a persona: no weaker source may break it.
select
    management_level,
    cost_center,
    case when count(distinct persona_id) = 1 then min(persona_id) end as persona_id
from best
group by 1, 2;

-- The first source that answers wins; a person may get several personas from it.
create temp table answers as
with candidates as (
    select to_brid(brid) as brid, clean(persona_id) as persona_id, 1 as method_rank
    from read_csv(
        seed('persona_overrides'),
        types = {'brid': 'varchar', 'valid_from': 'date', 'valid_to': 'date'}
    )
    where is_in_force(valid_from, valid_to)
    union all
    select to_brid(brid) as brid, clean(persona_id) as persona_id, 2 as method_rank
    from read_csv(
        feed('persona_members'),
        types = {'brid': 'varchar', 'valid_from': 'date', 'valid_to': 'date'}, ignore_errors = true
    )
    where is_in_force(valid_from, valid_to)
    union all
    select brid, persona_id, 3 as method_rank
    from employees
    inner join cell_answers
        on employees.management_level is not distinct from cell_answers.management_level
        and employees.cost_center is not distinct from cell_answers.cost_center
)
select distinct brid, persona_id
from candidates
where brid in (select brid from employees where state = 'employed')
qualify rank() over (partition by brid order by method_rank) = 1;

-- The most specific pre-trained mapping decides for the remaining people; exclusions bind it, too.
create temp table suggestions as
with
mappings as (
    select
        key_rank, persona_id, runner_up_persona_id, third_persona_id, assured_precision,
        lower(management_level) as management_level, lower(cost_center) as cost_center,
        lower(cost_center_prefix) as cost_center_prefix, lower(department) as department,
        lower(job_title) as job_title, lower(worker_type) as worker_type, manager_brid,
        newcomer_precision
    from read_csv(seed('pretrained_mappings'), all_varchar = true)
),
trainings as (
    select max(newcomers_since)::date as newcomers_since, max(newcomers_until)::date as newcomers_until
    from read_csv(seed('pretrained_trainings'), all_varchar = true)
),
matches as (
    select
        employees.brid,
        employees.management_level,
        employees.cost_center,
        [mappings.persona_id, runner_up_persona_id, third_persona_id] as persona_ids,
        assured_precision::double as assured_precision,
        coalesce(
            employees.hired > newcomers_since
            and (
                newcomer_precision::double < getvariable('pretrained_min_precision')
                or newcomers_until is null
                or employees.hired > newcomers_until
            ),
            false
        ) as is_of_newcomer
    from employees
    cross join trainings
    inner join mappings
        on coalesce(mappings.management_level = employees.management_level, mappings.management_level is null)
        and coalesce(mappings.cost_center = employees.cost_center, mappings.cost_center is null)
        and coalesce(
            starts_with(employees.cost_center, mappings.cost_center_prefix)
            and employees.cost_center <> mappings.cost_center_prefix,
            mappings.cost_center_prefix is null
        )
        and coalesce(mappings.department = employees.department, mappings.department is null)
        and coalesce(mappings.job_title = employees.job_title, mappings.job_title is null)
        and coalesce(mappings.worker_type = employees.worker_type, mappings.worker_type is null)
        and coalesce(mappings.manager_brid = employees.manager_brid, mappings.manager_brid is null)
    where employees.state = 'employed' and employees.brid not in (select brid from answers)
    qualify rank() over (partition by employees.brid order by key_rank::int) = 1
)
select
    matches.brid,
    list_filter(
        persona_ids,
        lambda suggested: suggested is not null
            and not coalesce(list_has_any(excluded, [suggested, '*']), false)
    ) as allowed,
    case
        when
            assured_precision >= getvariable('pretrained_min_precision') and allowed[1] = persona_ids[1]
            and not is_of_newcomer
            then allowed[1]
    end as persona_id
from matches
left join cell_exclusions
    on matches.management_level is not distinct from cell_exclusions.management_level
    and matches.cost_center is not distinct from cell_exclusions.cost_center;

insert into answers
select brid, persona_id from suggestions where persona_id is not null;

-- One row per person of HR or the registry; `verdict` is the reason that holds on any application.
create temp table people as
with
registry_brids as (
    select distinct to_brid(brid_spelling) as brid
    from (select distinct brid_spelling from grants)
),
non_humans as (
    select
        to_brid(accounts.brid) as brid,
        bool_or(is_in_force(valid_from, valid_to) and coalesce(state = 'employed', false))
            as is_registered
    from read_csv(
        seed('non_human_accounts'),
        types = {
            'brid': 'varchar', 'owner_brid': 'varchar', 'valid_from': 'date', 'valid_to': 'date'
        }
    ) as accounts
    left join employees on to_brid(accounts.owner_brid) = employees.brid
    group by 1
),
unreadable as (
    select distinct brid from hr_rows where is_unreadable
),
resolved as (
    select
        brid,
        bool_or(persona_id is not null) as has_persona,
        bool_or(persona_id in (select persona_id from requirements)) as has_applications
    from answers
    group by 1
),
seen_levels as (
    select management_level from rules
    union
    select lower(management_level) from read_csv(seed('pretrained_mappings'), all_varchar = true)
    where support::int > 0
    union
    select management_level from employees inner join resolved using (brid) where has_persona
),
seen_centers as (
    select centers.cost_center
    from (select distinct cost_center from employees where state = 'employed') as centers
    inner join rules
        on
            rules.cost_center <> '*'
            and case
                when rules.cost_center like '%*'
                    then starts_with(centers.cost_center, rtrim(rules.cost_center, '*'))
                else centers.cost_center = rules.cost_center
            end
    union
    select lower(cost_center) from read_csv(seed('pretrained_mappings'), all_varchar = true)
    where support::int > 0
    union
    select cost_center from employees inner join resolved using (brid) where has_persona
)
select
    row_number() over ()::int as person,
    brid,
    hired,
    employees.state is not null as is_in_hr,
    case when has_ended_by_date then as_of() - terminated end as days_since_end,
    case
        when employees.state is not null then nullif(state, 'employed')
        when non_humans.is_registered then 'non_human_registered'
        when unreadable.brid is not null then 'hr_row_quarantined'
        else 'orphan_account'
    end as verdict,
    case
        when verdict is distinct from 'orphan_account' then null
        when non_humans.brid is not null or regexp_matches(brid, getvariable('non_human_brids'))
            then 'non_human_unregistered'
        else 'never_seen'
    end as orphan_detail,
    state = 'employed' as is_employed,
    case
        when resolved.has_applications then null
        when resolved.has_persona then 'persona_without_applications'
        when resolved.brid is not null then 'ambiguous_rules'
        when management_level is null or cost_center is null then 'hr_attribute_missing'
        when management_level not in (from seen_levels where management_level is not null)
            then 'unseen_management_level'
        when cost_center not in (from seen_centers where cost_center is not null)
            then 'unseen_cost_center'
        when len(suggestions.allowed) > 0 then 'low_confidence'
        else 'no_mapping'
    end as unresolved_reason
from employees
full join registry_brids using (brid)
left join non_humans using (brid)
left join unreadable using (brid)
left join resolved using (brid)
left join suggestions using (brid)
where brid is not null;

-- Pairs ----------------------------------------------------------------------------------------

-- People with the same personas expect the same access.
create temp table person_sets as
with
baseline_personas as (
    select distinct clean(persona_id) as persona_id
    from read_csv(feed('persona_list'), all_varchar = true)
    where lower(clean(is_baseline)) in ('true', 't', 'yes', 'y', '1')
),
held_personas as (
    select person, persona_id from answers inner join people using (brid)
    union
    select person, persona_id from people cross join baseline_personas where is_employed
),
sets as (
    select person, list(persona_id order by persona_id) as persona_ids
    from held_personas
    where persona_id is not null
    group by 1
)
select person, persona_ids, dense_rank() over (order by persona_ids)::int as persona_set
from sets;

create temp table set_requirements as
select
    persona_set,
    application,
    max(requirement) as requirement,
    string_agg(persona_id, ' | ' order by persona_id) as persona_ids
from (
    select persona_set, unnest(any_value(persona_ids)) as persona_id
    from person_sets
    group by 1
)
inner join requirements using (persona_id)
group by 1, 2;

-- Granted and mandatory access meet in one aggregation over integer keys.
create temp table pairs as
with
spellings as (
    select brid_spelling, person
    from (
        select brid_spelling, to_brid(brid_spelling) as brid
        from (select distinct brid_spelling from grants)
    )
    inner join people using (brid)
),
both_sides as (
    select
        person, application, 1 as n_grant_rows, account_id, is_privileged, granted_date,
        last_used_date
    from grants
    inner join spellings using (brid_spelling)
    inner join applications on grants.application_spelling = applications.spelling
    where is_counted
    union all
    select
        person, application, 0 as n_grant_rows, null as account_id, false as is_privileged,
        null as granted_date, null as last_used_date
    from person_sets
    inner join set_requirements using (persona_set)
    where requirement = 2
)
select
    person,
    application,
    sum(n_grant_rows)::int as n_grant_rows,
    coalesce(min(account_id) <> max(account_id), false) as has_several_accounts,
    bool_or(is_privileged) as is_privileged,
    min(granted_date) as granted_date,
    max(last_used_date) as last_used_date
from both_sides
group by 1, 2;

-- The decision table ---------------------------------------------------------------------------

create or replace table fct_access_reconciliation as
with
known_applications as (
    select
        application,
        any_value(application_id) as application_id,
        any_value(is_known) as is_known,
        any_value(requirements.persona_id is not null) as is_modelled
    from applications
    left join requirements using (application)
    group by 1
),
waivers as (
    select person, application, waiver_id
    from read_csv(
        seed('waivers'), types = {'brid': 'varchar', 'valid_from': 'date', 'valid_to': 'date'}
    ) as listed
    inner join people on to_brid(listed.brid) = people.brid
    inner join applications on lower(clean(listed.application_id)) = applications.spelling
    where is_in_force(valid_from, valid_to)
    qualify row_number() over (
        partition by person, application order by valid_to desc nulls last, waiver_id
    ) = 1
),
reasoned as (
    select
        people.brid,
        people.is_in_hr,
        people.days_since_end,
        pairs.* exclude (person, application),
        set_requirements.persona_ids,
        application_id,
        is_known,
        is_modelled,
        case set_requirements.requirement when 1 then 'optional' when 2 then 'mandatory' when 3 then 'prohibited' end
            as requirement,
        coalesce(set_requirements.requirement in (1, 2), false) as is_expected,
        n_grant_rows > 0 as is_granted,
        orphan_detail,
        waiver_id,
        case
            when verdict is not null then verdict
            when n_grant_rows = 0 then 'never_granted'
            when set_requirements.requirement = 3 then 'prohibited_for_persona'
            when not is_known then 'application_unknown'
            when set_requirements.requirement = 2 then 'mandatory'
            when set_requirements.requirement = 1 then 'optional'
            when unresolved_reason is not null then unresolved_reason
            when not is_modelled then 'application_not_modelled'
            else 'never_expected'
        end as reconciliation_reason,
        case
            when reconciliation_reason in ('mandatory', 'optional') then 'match'
            when reconciliation_reason = 'never_granted' then 'missing'
            when reconciliation_reason in (
                'orphan_account', 'leaver', 'early_access', 'prohibited_for_persona',
                'never_expected'
            ) then 'excess'
            else 'unassessed'
        end as reconciliation_status
    from pairs
    inner join people using (person)
    inner join known_applications using (application)
    left join person_sets using (person)
    left join set_requirements
        on person_sets.persona_set = set_requirements.persona_set
        and pairs.application = set_requirements.application
    left join waivers using (person, application)
)
select
    as_of() as as_of_date,
    brid,
    application_id,
    reconciliation_status,
    reconciliation_reason,
    orphan_detail,
    case
        when reconciliation_status not in ('missing', 'excess') then null
        when waiver_id is not null then 'waived'
        -- Findings of the first week opened on its day.
        when reconciliation_status = 'missing' then 'in_sla'
        else 'open'
    end as disposition,
    case when reconciliation_status in ('missing', 'excess') then waiver_id end as waiver_id,
    as_of() as status_since_date,
    case when reconciliation_status = 'missing' then as_of() end as due_since_date,
    case
        when reconciliation_status = 'missing' then as_of() + getvariable('missing_sla_days')
        when reconciliation_status = 'excess'
            then as_of() + getvariable('finding_sla_days')[reconciliation_reason]
    end as due_date,
    null::date as last_expected_date,
    null::date as moved_date,
    requirement,
    persona_ids,
    is_expected,
    is_granted,
    is_in_hr,
    is_known as is_application_known,
    is_modelled as is_application_modelled,
    is_privileged,
    n_grant_rows,
    has_several_accounts,
    granted_date,
    last_used_date,
    days_since_end::int as days_since_end
from reasoned;
