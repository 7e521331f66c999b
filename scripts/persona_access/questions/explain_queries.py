"""The questions that `persona-access explain` asks; $brid is normalised, $week a built week."""

BRID = "select runs.normalise_brid($as_written) as brid"

# The dimensions keep the week computed last, the facts every week.
PERSON = """
select
    employees.*,
    managers.full_name as manager_name
from marts.dim_employees as employees
left join marts.dim_employees as managers on employees.manager_brid = managers.brid
where employees.brid = $brid
"""

PERSONAS = """
select
    assignments.persona_id,
    dim_personas.persona_name,
    assignments.assignment_method,
    assignments.source_id,
    assignments.support,
    assignments.confidence,
    assignments.unresolved_reason,
    assignments.management_level,
    assignments.cost_center
from marts.fct_persona_assignments as assignments
left join marts.dim_personas on assignments.persona_id = dim_personas.persona_id
where assignments.as_of_date = $week and assignments.brid = $brid
order by
    list_position(
        ['override', 'persona_list', 'rule', 'pretrained', 'baseline', 'none'],
        assignments.assignment_method
    ),
    assignments.persona_id
"""

# The fact keeps the losers of every week, as a person reads them.
LOSERS = """
select unnest(string_split(min(losing_candidates), '; ')) as candidate
from marts.fct_persona_assignments
where as_of_date = $week and brid = $brid
"""

RULES = """
select
    rule_id || ' v' || rule_version as rule,
    management_level,
    cost_center,
    priority,
    owner,
    author,
    approved_by,
    approved_on,
    valid_from,
    valid_to,
    rationale
from marts.dim_mapping_rules
where list_contains(string_split($source_id, ', '), rule_id || ' v' || rule_version)
order by rule
"""

OVERRIDES = """
select
    exception_id as override,
    requested_by,
    approved_by,
    approved_on,
    valid_from,
    valid_to,
    rationale
from marts.dim_exceptions
where exception_kind = 'persona_override' and exception_id = $source_id
"""

PERSONA_LISTS = """
select
    file_name as persona_list_file,
    extract_date,
    version
from marts.fct_loads
where load_status = 'loaded' and file_name = $source_id
order by version desc
limit 1
"""

PRETRAINED_MAPPINGS = """
select
    mapping_id as mapping,
    looks_at,
    management_level,
    cost_center,
    cost_center_prefix,
    department,
    job_title,
    worker_type,
    hits,
    support,
    confidence,
    assured_precision,
    runner_up_persona_id as runner_up,
    learned_until_date as learned_until,
    training_id as training
from marts.dim_pretrained_mappings
where mapping_id = $source_id
"""

SOURCES = {
    "override": OVERRIDES,
    "persona_list": PERSONA_LISTS,
    "rule": RULES,
    "pretrained": PRETRAINED_MAPPINGS,
}

SUGGESTIONS = """
select
    suggestion_rank as place,
    persona_id as persona,
    confidence,
    support,
    mapping_id as mapping
from marts.fct_persona_suggestions
where as_of_date = $week and brid = $brid
order by suggestion_rank
"""

ACCESS = """
select
    access.application_id as application,
    access.reconciliation_status as status,
    access.reconciliation_reason as reason,
    access.orphan_detail,
    access.disposition,
    access.requirement,
    access.persona_ids as asked_for_by,
    access.status_since_date as since,
    access.granted_date as granted,
    access.last_used_date as last_used,
    access.last_expected_date as last_expected,
    access.days_since_end,
    access.waiver_id as waiver,
    waivers.approved_by as waived_by,
    waivers.valid_to as waived_until
from marts.fct_access_reconciliation as access
left join marts.dim_exceptions as waivers
    on waivers.exception_kind = 'waiver' and access.waiver_id = waivers.exception_id
where access.as_of_date = $week and access.brid = $brid
order by
    list_position(['missing', 'excess', 'unassessed', 'match'], access.reconciliation_status),
    access.application_id
"""

QUARANTINED = """
select
    feed,
    file_name as file,
    row_number as line,
    quarantine_reason as reason,
    message
from marts.fct_quarantined_rows
where as_of_date = $week and brid = $brid
order by feed, file_name, row_number
"""

HR_ROWS = """
select
    file_name as file,
    row_number as line,
    brid_as_delivered,
    is_chosen as counts,
    employment_state,
    management_level,
    cost_center,
    hire_date,
    termination_date
from marts.fct_hr_conflicts
where as_of_date = $week and brid = $brid
order by is_chosen desc, file_name, row_number
"""

NON_HUMAN_ACCOUNTS = """
select
    purpose,
    owner_brid as owner,
    valid_from,
    valid_to,
    approved_by,
    rationale
from marts.dim_exceptions
where exception_kind = 'non_human_account' and brid = $brid
order by valid_from
"""

SIGHTINGS = """
with

periods as (

    select
        min(dbt_valid_from) as first_seen,
        max(dbt_valid_to) as no_longer_seen
    from snapshots.snap_headcount
    where brid = $brid

),

weeks as (

    select as_of_date from marts.fct_reconciliation_by_application
    group by 1

)

select
    min(weeks.as_of_date) as first_week_in_hr,
    max(weeks.as_of_date) as last_week_in_hr
from periods
inner join weeks
    on weeks.as_of_date >= periods.first_seen and weeks.as_of_date < periods.no_longer_seen
having count(*) > 0
"""

OTHER_WEEKS = """
select
    min(as_of_date) as first_week,
    max(as_of_date) as last_week
from (
    select as_of_date from marts.fct_access_reconciliation where brid = $brid
    union all
    select as_of_date from marts.fct_persona_assignments where brid = $brid
) as weeks
"""
