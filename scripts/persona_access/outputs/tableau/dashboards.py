"""The data sources, sheets and dashboards of the workbook.

A field of a sheet is a column: alone for a dimension, or with a prefix for an aggregation:
`sum:n_missing`, `max:age_days`, `count:brid` (rows with a value), `week:status_since_date` (its
week), `calc:required_in_place` (a calculation of the data source).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

WEEK = "as_of_date"


@dataclass(frozen=True)
class Calculation:
    """A field that Tableau computes from columns, at any level of aggregation."""

    name: str
    caption: str
    formula: str
    columns: tuple[str, ...]
    description: str


# The rate of several rows is the rate of their sums: an average would weigh ten people like a
# thousand.
RATES = (
    Calculation(
        "required_in_place",
        "Required access in place",
        "SUM([n_match]) / (SUM([n_match]) + SUM([n_missing]))",
        ("n_match", "n_missing"),
        "Share of required access that is held, over all rows in view.",
    ),
    Calculation(
        "excess_share",
        "Excess rate",
        "SUM([n_excess]) / (SUM([n_match]) + SUM([n_excess]))",
        ("n_match", "n_excess"),
        "Share of held and classified access that should not be held, over all rows in view.",
    ),
)


@dataclass(frozen=True)
class Lookup:
    """Columns of another mart that has one row for each key."""

    mart: str
    key: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A data source: the rows of one mart, with columns of others looked up."""

    name: str
    caption: str
    mart: str
    lookups: tuple[Lookup, ...] = ()
    is_weekly: bool = False


@dataclass(frozen=True)
class Sheet:
    """A worksheet: measures by dimensions, as bars, lines or a table.

    `only` keeps rows with these values; `top` keeps this number of values of the first row
    dimension, by the first measure. If the source has a row for each week and no shelf contains
    the week, the sheet shows the week that the reader chooses.
    """

    title: str
    source: Source
    mark: Literal["Bar", "Line", "Text"]
    measures: tuple[str, ...]
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    color: str | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    top: int | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that the sheet uses, once; the week comes last if it is only a filter."""
        color = (self.color,) if self.color else ()
        used = (*self.rows, *self.columns, *color, *self.only, *self.measures)
        return tuple(dict.fromkeys(used))

    @property
    def is_of_chosen_week(self) -> bool:
        """Return whether the sheet shows the rows of the week that the reader chooses."""
        return self.source.is_weekly and WEEK not in self.columns


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: rows of sheets side by side, and filters that readers set."""

    name: str
    exposure: str
    sheets: tuple[tuple[Sheet, ...], ...]
    filters: tuple[tuple[Sheet, str], ...] = ()


WEEKS = Source("weeks", "Weeks", "rpt_week_figures", is_weekly=True)
PERSONAS = Source(
    "personas",
    "Personas by week",
    "fct_reconciliation_by_persona",
    (Lookup("dim_personas", "persona_id", ("persona_name", "business_unit", "is_baseline")),),
    is_weekly=True,
)
COST_CENTERS = Source(
    "cost_centers",
    "Cost centers by week",
    "fct_reconciliation_by_cost_center",
    (Lookup("rpt_cost_centers", "cost_center", ("cost_center_name",)),),
    is_weekly=True,
)
APPLICATIONS = Source(
    "applications",
    "Applications by week",
    "fct_reconciliation_by_application",
    (Lookup("dim_applications", "application_id", ("application_name", "owner_brid")),),
    is_weekly=True,
)
PEOPLE = Source("people", "People", "rpt_people")
ACCESS = Source(
    "access",
    "Access",
    "fct_access_reconciliation",
    (
        Lookup("dim_employees", "brid", ("full_name", "cost_center", "department", "manager_brid")),
        Lookup("dim_applications", "application_id", ("application_name", "owner_brid")),
    ),
)
FINDINGS = Source("findings", "Findings", "rpt_findings")
CAUSES = Source("causes", "Causes of findings", "rpt_causes")
EXCEPTIONS = Source("exceptions", "Exceptions", "dim_exceptions")
MOVEMENTS = Source(
    "movements",
    "Movements",
    "fct_movements",
    (Lookup("dim_employees", "brid", ("full_name", "department")),),
)
RESIDUAL = Source(
    "residual_access",
    "Residual access",
    "fct_residual_access",
    (
        Lookup("dim_employees", "brid", ("full_name", "cost_center", "department")),
        Lookup("dim_applications", "application_id", ("application_name",)),
    ),
)
FINDING_CHANGES = Source("finding_changes", "Findings opened and closed", "fct_finding_changes")
LOADS = Source("loads", "Files that arrived", "fct_loads")
QUARANTINE = Source("quarantine", "Quarantined rows", "fct_quarantined_rows")
HR_CONFLICTS = Source("hr_conflicts", "HR conflicts", "fct_hr_conflicts")
ALIASES = Source("alias_suggestions", "Alias suggestions", "fct_alias_suggestions")
QUALITY = Source(
    "persona_quality",
    "Quality of personas by week",
    "fct_persona_quality",
    (Lookup("dim_personas", "persona_id", ("persona_name", "business_unit")),),
    is_weekly=True,
)
PROPOSALS = Source("persona_proposals", "Proposed changes of personas", "fct_persona_proposals")
DUTIES = Source(
    "duty_violations",
    "Segregation of duties by week",
    "fct_sod_violations",
    is_weekly=True,
)
CANDIDATES = Source("account_candidates", "Candidates of accounts", "fct_account_candidates")

SOURCES = (
    WEEKS, PERSONAS, COST_CENTERS, APPLICATIONS, PEOPLE, ACCESS, FINDINGS, CAUSES, EXCEPTIONS,
    MOVEMENTS,
    RESIDUAL, FINDING_CHANGES, LOADS, QUARANTINE, HR_CONFLICTS, ALIASES,
    QUALITY, PROPOSALS, DUTIES, CANDIDATES,
)  # fmt: skip

# Words that are sorted from the worst to the least.
ORDERS = {"risk_level": ("critical", "high", "medium", "low")}

_FINDINGS = ("sum:n_missing", "sum:n_excess", "sum:n_unassessed")
_TO_ACT_ON = {"disposition": ("open",)}
_NOT_CLOSED = {"finding_state": ("open", "suspended")}

_RATES = ("calc:required_in_place", "calc:excess_share")
_TOTALS = Sheet("The week", WEEKS, "Text", ("sum:n_open", "sum:n_overdue", *_FINDINGS, *_RATES))
# There are a hundred times as many matches, which would hide the rest.
_BY_PERSONA = Sheet("By persona", PERSONAS, "Bar", _FINDINGS, rows=("persona_name", "persona_id"))
_PERSONA_TREND = Sheet("Personas week by week", PERSONAS, "Line", _FINDINGS, columns=(WEEK,))
_BY_COST_CENTER = Sheet(
    "By cost center", COST_CENTERS, "Bar", _FINDINGS, rows=("cost_center_name", "cost_center")
)
_COST_CENTER_TREND = Sheet(
    "Cost centers week by week", COST_CENTERS, "Line", _FINDINGS, columns=(WEEK,)
)

_BY_APPLICATION = Sheet(
    "All applications",
    APPLICATIONS,
    "Text",
    ("sum:n_open", *_FINDINGS, *_RATES),
    rows=("application_id", "application_name"),
)
_REASONS = Sheet(
    "Why in the newest week",
    ACCESS,
    "Bar",
    ("count:brid",),
    rows=("reconciliation_status", "reconciliation_reason"),
    color="reconciliation_status",
)
_APPLICATION_TREND = Sheet(
    "Applications week by week", APPLICATIONS, "Line", _FINDINGS, columns=(WEEK,)
)

_PEOPLE = Sheet(
    "People with most to act on",
    PEOPLE,
    "Text",
    ("sum:n_open", *_FINDINGS),
    rows=("brid", "full_name", "cost_center", "management_level"),
    top=200,
)
_UNRESOLVED = Sheet(
    "People without a persona",
    PEOPLE,
    "Bar",
    ("count:brid",),
    rows=("unresolved_reason",),
    only={"is_employed": ("true",)},
)
_ACCESS_OF_PEOPLE = Sheet(
    "What they should get or lose",
    ACCESS,
    "Text",
    ("sum:n_grant_rows",),
    rows=("brid", "application_id", "reconciliation_status", "reconciliation_reason"),
    only=_TO_ACT_ON,
    top=200,
)

_AGEING = Sheet(
    "Findings by the week they opened",
    FINDINGS,
    "Bar",
    ("count:finding_id",),
    columns=("week:opened_date",),
    color="finding_type",
    only=_NOT_CLOSED,
)
_FINDINGS_BY_REASON = Sheet(
    "Findings by reason",
    FINDINGS,
    "Bar",
    ("count:finding_id",),
    rows=("reconciliation_reason", "disposition"),
    color="finding_type",
    only=_NOT_CLOSED,
)
_RISKS = Sheet(
    "Risk and due date",
    FINDINGS,
    "Bar",
    ("count:finding_id",),
    rows=("risk_level",),
    color="is_overdue",
    only={**_NOT_CLOSED, **_TO_ACT_ON},
)
_REVIEWERS = Sheet(
    "Who has to act",
    FINDINGS,
    "Bar",
    ("count:finding_id",),
    rows=("reviewer_role",),
    color="is_overdue",
    only={**_NOT_CLOSED, **_TO_ACT_ON},
)
_OLDEST = Sheet(
    "Oldest findings",
    FINDINGS,
    "Text",
    ("max:age_days",),
    rows=(
        "finding_id",
        "risk_level",
        "full_name",
        "application_name",
        "reviewer_brid",
        "due_date",
    ),
    only=_NOT_CLOSED,
    top=200,
)
_CAUSES_FIRST = Sheet(
    "Causes by what they explain",
    CAUSES,
    "Text",
    ("sum:n_findings", "sum:n_ending", "sum:n_opening"),
    rows=("cause_title", "evidence", "action_text", "action_role"),
    only={"cause_state": ("open", "snoozed")},
    top=50,
)
_FLOW = Sheet(
    "Opened and closed",
    WEEKS,
    "Line",
    ("sum:n_opened", "sum:n_reopened", "sum:n_closed", "sum:n_overdue"),
    columns=(WEEK,),
)

_EXCEPTIONS = Sheet(
    "Exceptions and how long they last",
    EXCEPTIONS,
    "Text",
    ("max:n_days_left",),
    rows=("exception_state", "valid_to", "exception_kind", "exception_id", "brid", "approved_by"),
)

_MOVED = Sheet(
    "Joiners and movers and leavers",
    MOVEMENTS,
    "Bar",
    ("count:brid",),
    columns=(WEEK,),
    color="movement_type",
)
_CAUSES = Sheet(
    "Why findings open and close",
    FINDING_CHANGES,
    "Bar",
    ("count:brid",),
    rows=("finding_change",),
    columns=(WEEK,),
    color="change_cause",
)
_RESIDUAL = Sheet(
    "Access that remained after a move or a departure",
    RESIDUAL,
    "Text",
    ("max:days_residual",),
    rows=("brid", "full_name", "application_name", "residual_after_event", "is_used_since"),
    top=200,
)

_FILES = Sheet(
    "Files that arrived",
    LOADS,
    "Text",
    ("sum:n_rows_read", "sum:n_rows_loaded", "sum:n_rows_quarantined"),
    rows=("extract_date", "feed", "file_name", "load_status"),
)
_QUARANTINED = Sheet(
    "Quarantined rows",
    QUARANTINE,
    "Bar",
    ("count:file_name",),
    rows=("feed", "quarantine_reason"),
    color="quarantine_stage",
)
_CONFLICTS = Sheet(
    "People with several HR rows", HR_CONFLICTS, "Text", ("count:file_name",), rows=("brid",)
)
_ALIASES = Sheet(
    "Spellings that may be an application",
    ALIASES,
    "Text",
    ("sum:n_shared", "avg:overlap_share"),
    rows=("application_id", "spelling"),
)

_QUALITY = Sheet(
    "Persona lists and access",
    QUALITY,
    "Text",
    (
        "avg:listed_held_share",
        "avg:held_listed_share",
        "sum:n_listed_held_by_nobody",
        "sum:n_unlisted_held_by_most",
        "avg:member_stability",
    ),
    rows=("persona_id", "persona_name"),
)
_QUALITY_TREND = Sheet(
    "Lists and access week by week",
    QUALITY,
    "Line",
    ("sum:n_listed_held_by_nobody", "sum:n_unlisted_held_by_most"),
    columns=(WEEK,),
)
_PROPOSED = Sheet(
    "Proposed changes of the newest week",
    PROPOSALS,
    "Text",
    ("sum:n_settled", "sum:n_blessed", "avg:support"),
    rows=("proposal_id", "proposal_kind", "application_ids"),
    top=50,
)
_DUTIES = Sheet(
    "Both sides of a duty rule",
    DUTIES,
    "Text",
    ("max:n_days_open",),
    rows=("severity", "sod_rule_name", "brid", "held_of_a", "held_of_b", "violation_state"),
    only={"violation_state": ("open", "mitigated")},
)
_DUTY_TREND = Sheet(
    "Duty violations week by week",
    DUTIES,
    "Bar",
    ("count:brid",),
    columns=(WEEK,),
    color="violation_state",
    only={"violation_state": ("open", "mitigated")},
)
_CANDIDATES = Sheet(
    "Accounts of the newest week and who may own them",
    CANDIDATES,
    "Text",
    ("max:probability", "max:n_applications"),
    rows=("account_brid", "candidate_brid", "candidate_state", "agreeing_fields", "is_suggested"),
    top=200,
)

DASHBOARDS = (
    Dashboard(
        "Overview",
        "tableau_overview",
        ((_TOTALS,), (_BY_PERSONA, _PERSONA_TREND), (_BY_COST_CENTER, _COST_CENTER_TREND)),
    ),
    Dashboard(
        "Applications",
        "tableau_applications",
        ((_BY_APPLICATION,), (_REASONS, _APPLICATION_TREND)),
    ),
    Dashboard(
        "People",
        "tableau_people",
        ((_PEOPLE,), (_ACCESS_OF_PEOPLE, _UNRESOLVED)),
        ((_PEOPLE, "cost_center"),),
    ),
    Dashboard(
        "Findings and ageing",
        "tableau_findings",
        (
            (_CAUSES_FIRST,),
            (_RISKS, _FINDINGS_BY_REASON, _REVIEWERS, _AGEING),
            (_OLDEST, _FLOW),
            (_EXCEPTIONS,),
        ),
    ),
    Dashboard(
        "Movements",
        "tableau_movements",
        ((_MOVED, _CAUSES), (_RESIDUAL,)),
    ),
    Dashboard(
        "Data quality",
        "tableau_data_quality",
        ((_FILES,), (_QUARANTINED,), (_CONFLICTS, _ALIASES)),
    ),
    Dashboard(
        "Personas and duties",
        "tableau_personas",
        ((_QUALITY, _QUALITY_TREND), (_PROPOSED,), (_DUTIES, _DUTY_TREND), (_CANDIDATES,)),
    ),
)
