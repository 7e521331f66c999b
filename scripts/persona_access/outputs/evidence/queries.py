"""Queries for the files of a pack: one query for each file, each with a total order.

Each can use $week, $previous_week (null in the first week) and $invocation_id; `waivers`,
`overrides`, `non_human_accounts`, `mapping_rules` and `account_candidates` are the decisions that
the week read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from persona_access.base.sql import statement

_in_file = partial(statement, __package__)
# The number of days of PCI DSS 4.0.1, 8.2.6, for unused access. A pack uses it even if the var
# dormant_days asks reviewers sooner.
UNUSED_DAYS = 90
_OF_BUILD = "where invocation_id = $invocation_id"
_OF_WEEK = "where as_of_date = $week"


def _listed(columns: Sequence[str], relation: str, which: str) -> str:
    return f"select {', '.join(columns)} from {relation} {which}"  # noqa: S608 - names of our own


BUILD = _in_file("build")
TESTS = _listed(
    ("test_name", "test_kind", "severity", "test_status", "n_failures", "test_description"),
    "runs.test_results",
    f"{_OF_BUILD} order by test_kind, test_name",
)
_INPUTS = _listed(
    ("input_kind", "input_name", "input_value", "sha256"),
    "runs.week_inputs",
    f"{_OF_BUILD} order by input_kind, input_name",
)
_QUARANTINE = _listed(
    ("feed", "quarantine_stage", "quarantine_reason", "n_rows"),
    "marts.fct_quarantine_by_week",
    f"{_OF_WEEK} order by all",
)
_POPULATION = _listed(
    ("attribute_name as attribute", "attribute_value", "n_people"),
    "marts.fct_population_by_week",
    f"{_OF_WEEK} order by all",
)
_RESULTS = _listed(
    (
        "reconciliation_status",
        "reconciliation_reason",
        "disposition",
        "n_pairs",
        "n_people",
        "n_privileged",
        "n_grant_rows",
    ),
    "reporting.rpt_dispositions",
    f"{_OF_WEEK} order by all",
)
_FINDINGS_OPEN = _listed(
    (
        "brid",
        "application_id",
        "finding_type",
        "finding_state",
        "opened_date",
        "age_days",
        "last_seen_date",
        "reconciliation_reason",
        "disposition",
        "waiver_id",
        "due_date",
        "is_overdue",
        "n_times_reopened",
        "n_times_waiver_ended",
        "is_privileged",
        "persona_ids",
        "reviewer_brid",
        "reviewer_role",
    ),
    "marts.fct_finding_weeks",
    f"{_OF_WEEK} and finding_state <> 'closed' order by brid, application_id, finding_type",
)

_REVIEW_POPULATION = _listed(
    (
        "reviewer_brid",
        "reviewer_role",
        "item_id",
        "item_kind",
        "campaign_id",
        "brid",
        "application_id",
        "finding_type",
        "reconciliation_reason",
        "is_privileged",
        "due_date",
        "registry_load_id",
    ),
    "marts.fct_review_lists",
    f"{_OF_WEEK} order by reviewer_brid nulls last, item_id",
)
_REVIEW_DECISIONS = _listed(
    (
        "decision_id",
        "item_id",
        "item_kind",
        "campaign_id",
        "brid",
        "application_id",
        "list_week",
        "reviewer_brid",
        "reviewer_role",
        "decided_by",
        "answered_date",
        "decided_at",
        "decision",
        "decision_reason",
        "keep_until",
        "persona_id",
        "new_reviewer_brid",
        "code_state",
        "decision_state",
        "state_reason",
        "file_name",
        "row_number",
    ),
    "marts.fct_review_decisions",
    f"{_OF_WEEK} order by answered_date, decision_id",
)

_CAMPAIGNS = _listed(
    (
        "campaign_id",
        "campaign_kind",
        "reviewer_brid",
        "started_date",
        "due_date",
        "n_items",
        "n_decided",
        "n_overdue",
        "n_revoked",
        "n_kept",
        "n_disputed",
        "n_reassigned",
        "n_rubber_stamped",
        "last_answered_date",
        "attested_date",
    ),
    "marts.fct_review_campaigns",
    f"{_OF_WEEK} order by campaign_id, reviewer_brid nulls last",
)

_PERSONA_QUALITY = _listed(
    (
        "persona_id",
        "n_members",
        "n_listed",
        "listed_held_share",
        "held_listed_share",
        "n_listed_held_by_nobody",
        "n_unlisted_held_by_most",
        "member_stability",
    ),
    "marts.fct_persona_quality",
    f"{_OF_WEEK} order by persona_id",
)

# The file of the pack for each query.
MEMBERS = {
    "files.csv": _in_file("files"),
    "row_tie_out.csv": _in_file("row_tie_out"),
    "quarantine.csv": _QUARANTINE,
    "inputs.csv": _INPUTS,
    "rules_in_force.csv": _in_file("rules_in_force"),
    "population.csv": _POPULATION,
    "results.csv": _RESULTS,
    "exceptions.csv": _in_file("exceptions"),
    "findings_open.csv": _FINDINGS_OPEN,
    "findings_opened.csv": _in_file("findings_changed", is_closed="false"),
    "findings_closed.csv": _in_file("findings_changed", is_closed="true"),
    "review_population.csv": _REVIEW_POPULATION,
    "review_decisions.csv": _REVIEW_DECISIONS,
    "removals.csv": _in_file("removals"),
    "attestations.csv": _in_file("attestations"),
    "campaigns.csv": _CAMPAIGNS,
    "privileged.csv": _in_file("privileged"),
    "last_used.csv": _in_file("last_used", unused_days=UNUSED_DAYS),
    "unused.csv": _in_file("unused", unused_days=UNUSED_DAYS),
    "segregation_of_duties.csv": _in_file("segregation_of_duties"),
    "orphan_accounts.csv": _in_file("orphan_accounts"),
    "persona_quality.csv": _PERSONA_QUALITY,
    "checks.csv": _in_file("checks"),
    "tests.csv": TESTS,
}
