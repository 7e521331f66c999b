"""What goes into a pack, as questions to the warehouse: one query a file, each in a total order.

Each may use $week, $previous_week (null in the first week) and $invocation_id; `waivers`,
`overrides`, `non_human_accounts` and `mapping_rules` are the decisions as the week read them.
"""

from __future__ import annotations

BUILD = """
select
    as_of_date,
    invocation_id,
    started_at,
    is_complete,
    n_errors,
    n_failures,
    n_skipped,
    (
        select max(other.as_of_date) from runs.week_builds as other
        where other.as_of_date < builds.as_of_date
    ) as previous_week
from runs.week_builds as builds
where as_of_date = $week
order by started_at desc
limit 1
"""

INPUTS = """
select input_kind, input_name, input_value, sha256
from runs.week_inputs
where invocation_id = $invocation_id
order by input_kind, input_name
"""

TESTS = """
select test_name, test_kind, severity, test_status, n_failures, test_description
from runs.test_results
where invocation_id = $invocation_id
order by test_kind, test_name
"""

# The files that counted, and whatever else came for the days since the week before.
FILES = """
select
    loads.feed,
    loads.extract_date,
    loads.version,
    loads.load_status,
    inputs.input_value is not null as is_in_force,
    loads.file_name,
    loads.file_sha256,
    loads.file_bytes,
    loads.n_rows_read,
    loads.n_rows_loaded,
    loads.n_rows_quarantined,
    loads.is_restatement,
    loads.reason,
    loads.loaded_at,
    loads.loader_version,
    loads.load_id
from raw.load_ledger as loads
left join runs.week_inputs as inputs
    on inputs.invocation_id = $invocation_id
    and inputs.input_kind = 'file'
    and inputs.input_value = loads.load_id
where
    inputs.input_value is not null
    or (
        loads.extract_date <= $week
        and loads.extract_date > coalesce($previous_week, date '0001-01-01')
    )
order by loads.feed, loads.load_id
"""

ROW_TIE_OUT = """
with
in_force as (
    select loads.* from raw.load_ledger as loads
    inner join runs.week_inputs as inputs
        on inputs.input_kind = 'file' and inputs.input_value = loads.load_id
    where inputs.invocation_id = $invocation_id
),
quarantined as (
    select
        feed,
        sum(n_rows) filter (where quarantine_stage = 'loader') as n_by_loader,
        sum(n_rows) filter (where quarantine_stage <> 'loader') as n_by_models
    from marts.fct_quarantine_by_week
    where as_of_date = $week
    group by feed
),
grants as (
    select coalesce(sum(n_grant_rows), 0) as n_rows from marts.fct_access_reconciliation
    where as_of_date = $week
)
select
    load_id,
    'rows read = rows loaded + rows quarantined' as law,
    n_rows_read as n_rows_in,
    n_rows_loaded + n_rows_quarantined as n_rows_out
from in_force
union all
select
    load_id,
    'rows quarantined by the loader = its rows in the quarantine' as law,
    n_rows_quarantined as n_rows_in,
    cast(coalesce(n_by_loader, 0) as bigint) as n_rows_out
from in_force left join quarantined using (feed)
union all
select
    load_id,
    'grants loaded = grants in the fact + grants quarantined by the models' as law,
    n_rows_loaded as n_rows_in,
    cast(grants.n_rows + coalesce(n_by_models, 0) as bigint) as n_rows_out
from in_force left join quarantined using (feed) cross join grants
where feed = 'iam_app_registry'
order by load_id, law
"""

QUARANTINE = """
select feed, quarantine_stage, quarantine_reason, n_rows
from marts.fct_quarantine_by_week
where as_of_date = $week
order by all
"""

POPULATION = """
with
people as (from intermediate.int_employee_weeks where as_of_date = $week),
assignments as (from marts.fct_persona_assignments where as_of_date = $week)
select
    'employment state' as attribute, employment_state as attribute_value, count(*) as n_people
from people group by all
union all
select 'worker type', worker_type, count(*) from people where is_employed group by all
union all
select 'persona by', assignment_method, count(distinct brid) from assignments group by all
union all
select 'without a persona because', unresolved_reason, count(distinct brid)
from assignments where unresolved_reason is not null group by all
union all
select 'persona', persona_id, count(distinct brid)
from assignments where persona_id is not null group by all
order by all
"""

RESULTS = """
select
    reconciliation_status,
    reconciliation_reason,
    disposition,
    count(*) as n_pairs,
    count(distinct brid) as n_people,
    count(*) filter (where is_privileged) as n_privileged,
    sum(n_grant_rows) as n_grant_rows
from marts.fct_access_reconciliation
where as_of_date = $week
group by all
order by all
"""

RULES_IN_FORCE = """
with
rules as (
    select
        *,
        rule_id || ' v' || rule_version as source_id
    from mapping_rules
    where
        coalesce(try_cast(nullif(trim(valid_from), '') as date) <= $week, true)
        and coalesce(try_cast(nullif(trim(valid_to), '') as date) >= $week, true)
),
named as (
    select brid, unnest(string_split(source_id, ', ')) as source_id
    from marts.fct_persona_assignments
    where as_of_date = $week and assignment_method = 'rule'
),
used as (
    select source_id, count(distinct brid) as n_people from named group by all
)
select rules.* exclude (source_id), coalesce(used.n_people, 0) as n_people
from rules left join used using (source_id)
order by rule_id, rule_version
"""

EXCEPTIONS = """
with
findings as (from marts.fct_finding_weeks where as_of_date = $week and finding_state <> 'closed'),
pairs as (from marts.fct_access_reconciliation where as_of_date = $week),
exceptions as (
    select
        'waiver' as exception_kind, waiver_id as exception_id, brid, application_id as about,
        valid_from, valid_to, requested_by, approved_by, approved_on, rationale,
        (select count(*) from findings where findings.waiver_id = waivers.waiver_id) as n_used
    from waivers
    union all
    select
        'override', override_id, brid, persona_id,
        valid_from, valid_to, requested_by, approved_by, approved_on, rationale,
        (
            select count(*) from marts.fct_persona_assignments as assignments
            where assignments.as_of_date = $week and assignments.source_id = overrides.override_id
        )
    from overrides
    union all
    select
        'non-human account', brid, brid, purpose,
        valid_from, valid_to, owner_brid, approved_by, approved_on, rationale,
        (
            select count(*) from pairs
            where
                pairs.brid = runs.normalise_brid(non_human_accounts.brid)
                and pairs.reconciliation_reason = 'non_human_registered'
        )
    from non_human_accounts
),
dated as (
    select
        *,
        try_cast(nullif(trim(valid_from), '') as date) as first_day,
        try_cast(nullif(trim(valid_to), '') as date) as last_day
    from exceptions
)
select
    exception_kind,
    exception_id,
    brid,
    about,
    case
        when first_day > $week then 'not_started'
        when last_day < $week then 'expired'
        else 'in_force'
    end as exception_state,
    valid_from,
    valid_to,
    case when last_day >= $week then last_day - $week end as n_days_left,
    n_used,
    requested_by,
    approved_by,
    approved_on,
    rationale
from dated
order by exception_kind, exception_id
"""

_CHANGES = """
select
    changes.brid,
    changes.application_id,
    changes.finding_type,
    changes.finding_change,
    changes.opened_date,
    findings.last_seen_date,
    findings.reconciliation_reason,
    findings.disposition,
    findings.waiver_id,
    findings.due_date,
    findings.reviewer_brid,
    coalesce(pairs.reconciliation_status, 'none') as status_now,
    coalesce(pairs.reconciliation_reason, 'neither expected nor held') as reason_now,
    coalesce(pairs.is_granted, false) as is_held_now,
    changes.change_cause,
    case
        when changes.change_cause in ('grant_changed', 'alias_changed', 'application_silent')
            then 'iam_app_registry'
        when changes.change_cause = 'hr_changed' then 'hr_headcount'
        when changes.change_cause in ('persona_changed', 'persona_list_changed')
            then 'persona_list, persona_members or the decisions'
        when changes.change_cause = 'non_human_register_changed' then 'non_human_accounts.csv'
    end as seen_in,
    registry.input_value as registry_load_id,
    registry.input_value is distinct from previous_registry.input_value as is_registry_fresh
from marts.fct_finding_changes as changes
left join marts.fct_finding_weeks as findings
    on findings.as_of_date = changes.as_of_date
    and findings.brid = changes.brid
    and findings.application_id = changes.application_id
    and findings.finding_type = changes.finding_type
    and findings.opened_date = changes.opened_date
left join marts.fct_access_reconciliation as pairs
    on pairs.as_of_date = changes.as_of_date
    and pairs.brid = changes.brid
    and pairs.application_id = changes.application_id
left join runs.week_inputs as registry
    on registry.invocation_id = $invocation_id
    and registry.input_kind = 'file' and registry.input_name = 'iam_app_registry'
left join (
    select arg_max(input_value, started_at) as input_value from runs.week_inputs
    where
        as_of_date = $previous_week and input_kind = 'file' and input_name = 'iam_app_registry'
) as previous_registry on true
where changes.as_of_date = $week and changes.finding_change {condition}
order by changes.brid, changes.application_id, changes.finding_type
"""
FINDINGS_OPENED = _CHANGES.format(condition="<> 'closed'")
FINDINGS_CLOSED = _CHANGES.format(condition="= 'closed'")

FINDINGS_OPEN = """
select
    brid, application_id, finding_type, finding_state, opened_date, age_days, last_seen_date,
    reconciliation_reason, disposition, waiver_id, due_date, is_overdue, n_times_reopened,
    n_times_waiver_ended, is_privileged, persona_ids, reviewer_brid, reviewer_role
from marts.fct_finding_weeks
where as_of_date = $week and finding_state <> 'closed'
order by brid, application_id, finding_type
"""

# Which file of the pack each answers.
MEMBERS = {
    "files.csv": FILES,
    "row_tie_out.csv": ROW_TIE_OUT,
    "quarantine.csv": QUARANTINE,
    "inputs.csv": INPUTS,
    "rules_in_force.csv": RULES_IN_FORCE,
    "population.csv": POPULATION,
    "results.csv": RESULTS,
    "exceptions.csv": EXCEPTIONS,
    "findings_open.csv": FINDINGS_OPEN,
    "findings_opened.csv": FINDINGS_OPENED,
    "findings_closed.csv": FINDINGS_CLOSED,
    "tests.csv": TESTS,
}
