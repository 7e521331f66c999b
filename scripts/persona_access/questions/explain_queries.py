"""Queries of `persona-access explain`; $brid is normalised, $week is a built week."""

from __future__ import annotations

# Each has a relation, columns with names for people, and SQL that filters and orders the rows.
Question = tuple[str, tuple[str, ...], str]

_OF_WEEK = "where as_of_date = $week and brid = $brid"
_METHODS = "['override', 'persona_list', 'rule', 'pretrained', 'baseline', 'none']"
_STATUSES = "['missing', 'excess', 'unassessed', 'match']"

# The dimensions keep only the week computed last; the facts keep every week.
PERSON: Question = (
    "reporting.rpt_people",
    (
        "brid",
        "as_of_date",
        "full_name",
        "work_email",
        "employment_status",
        "employment_state",
        "is_employed",
        "worker_type",
        "management_level",
        "cost_center",
        "cost_center_name",
        "department",
        "job_title",
        "manager_brid",
        "location",
        "hire_date",
        "termination_date",
        "attributes",
        "persona_ids",
        "unresolved_reason",
        "n_applications",
        "has_no_access",
        "has_hr_conflict",
        "manager_name",
    ),
    "where brid = $brid and is_in_hr",
)

PERSONAS: Question = (
    "marts.fct_persona_assignments as assignments left join persona_names using (persona_id)",
    (
        "persona_id",
        "persona_name",
        "assignment_method",
        "source_id",
        "support",
        "confidence",
        "unresolved_reason",
        "management_level",
        "cost_center",
    ),
    f"{_OF_WEEK} order by list_position({_METHODS}, assignment_method), persona_id",
)
PERSONA_NAMES = (
    "create or replace temp view persona_names as "
    "select persona_id, persona_name from marts.dim_personas"
)

# The fact keeps the losing candidates of every week, as text for people.
LOSERS: Question = (
    "marts.fct_persona_assignments",
    ("unnest(string_split(min(losing_candidates), '; ')) as candidate",),
    _OF_WEEK,
)

RULES: Question = (
    "marts.dim_mapping_rules",
    (
        "rule_id || ' v' || rule_version as rule",
        "management_level",
        "cost_center",
        "conditions",
        "priority",
        "owner",
        "author",
        "approved_by",
        "approved_on",
        "valid_from",
        "valid_to",
        "rationale",
    ),
    "where list_contains(string_split($source_id, ', '), rule) order by rule",
)

OVERRIDES: Question = (
    "marts.dim_exceptions",
    (
        "exception_id as override",
        "requested_by",
        "approved_by",
        "approved_on",
        "valid_from",
        "valid_to",
        "rationale",
    ),
    "where exception_kind = 'persona_override' and exception_id = $source_id",
)

PERSONA_LISTS: Question = (
    "marts.fct_loads",
    ("file_name as persona_list_file", "extract_date", "version"),
    "where load_status = 'loaded' and file_name = $source_id order by version desc limit 1",
)

PRETRAINED_MAPPINGS: Question = (
    "marts.dim_pretrained_mappings",
    (
        "mapping_id as mapping",
        "looks_at",
        "management_level",
        "cost_center",
        "cost_center_prefix",
        "department",
        "job_title",
        "worker_type",
        "manager_brid as manager",
        "explanation as why",
        "hits",
        "support",
        "confidence",
        "assured_precision",
        "assurance_group as people_like_these",
        "runner_up_persona_id as runner_up",
        "learned_until_date as learned_until",
        "training_id as training",
    ),
    "where mapping_id = $source_id",
)

SOURCES = {
    "override": OVERRIDES,
    "persona_list": PERSONA_LISTS,
    "rule": RULES,
    "pretrained": PRETRAINED_MAPPINGS,
}

SUGGESTIONS: Question = (
    "marts.fct_persona_suggestions",
    (
        "suggestion_rank as place",
        "persona_id as persona",
        "suggested_by",
        "confidence",
        "support",
        "mapping_id as mapping",
        "explanation as why",
    ),
    f"{_OF_WEEK} order by suggestion_rank",
)

ACCESS: Question = (
    "reporting.rpt_access",
    (
        "application_id as application",
        "reconciliation_status as status",
        "reconciliation_reason as reason",
        "orphan_detail",
        "disposition",
        "requirement",
        "persona_ids as asked_for_by",
        "status_since_date as since",
        "granted_date as granted",
        "last_used_date as last_used",
        "last_expected_date as last_expected",
        "days_since_end",
        "waiver_id as waiver",
        "waived_by",
        "waived_until_date as waived_until",
    ),
    f"{_OF_WEEK} order by list_position({_STATUSES}, status), application",
)

FINDINGS: Question = (
    "marts.fct_finding_weeks",
    (
        "application_id as application",
        "finding_type as kind",
        "reconciliation_reason as reason",
        "disposition",
        "due_date as due",
        "is_overdue",
        "reviewer_brid as reviewer",
        "opened_date as opened",
        "finding_state as state",
    ),
    f"{_OF_WEEK} and finding_state <> 'closed' order by kind, application, opened",
)

QUARANTINED: Question = (
    "marts.fct_quarantined_rows",
    (
        "feed",
        "file_name as file",
        "row_number as line",
        "quarantine_reason as reason",
        "message",
    ),
    f"{_OF_WEEK} order by feed, file_name, row_number",
)

HR_ROWS: Question = (
    "marts.fct_hr_conflicts",
    (
        "file_name as file",
        "row_number as line",
        "brid_as_delivered",
        "is_chosen as counts",
        "employment_state",
        "management_level",
        "cost_center",
        "hire_date",
        "termination_date",
    ),
    f"{_OF_WEEK} order by is_chosen desc, file_name, row_number",
)

NON_HUMAN_ACCOUNTS: Question = (
    "marts.dim_exceptions",
    (
        "purpose",
        "owner_brid as owner",
        "valid_from",
        "valid_to",
        "approved_by",
        "rationale",
    ),
    "where exception_kind = 'non_human_account' and brid = $brid order by valid_from",
)
