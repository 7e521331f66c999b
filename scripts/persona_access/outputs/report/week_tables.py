"""The page of past weeks: the findings of a week, and the differences from another week.

The page fills these tables from the documents of both weeks. The address contains the chosen
weeks.
"""

from __future__ import annotations

from persona_access.outputs.report.change_tables import CAUSES, FINDING_CHANGES
from persona_access.outputs.report.subjects import Sections
from persona_access.outputs.report.table import PERSON, Column, Table, columns
from persona_access.outputs.report.tables import ROOT_CAUSES

_STOOD = "@weeks/week_findings?standing=in_both_weeks|in_this_week_only"


def _compared(name: str, key: str, mart: str, *more: str, rows: str = "") -> Table:
    """Declare the figures of a week by a dimension, and their difference from another week."""
    to_act_on = f" {_STOOD}&finding_state=open&disposition=open&{rows}" if rows else ""
    missing = f" {_STOOD}&finding_state=open&finding_type=missing&{rows}" if rows else ""
    excess = f" {_STOOD}&finding_state=open&finding_type=excess&{rows}" if rows else ""
    return Table(
        name=name,
        title=f"By {key.removesuffix('_id').removesuffix('_brid').replace('_', ' ')}",
        model=mart,
        columns=columns(
            *more,
            f"n_open number{to_act_on}",
            "n_open_other number In the other week",
            "n_difference number Difference",
            f"n_missing number{missing}",
            f"n_excess number{excess}",
            "n_unassessed number",
            "n_opened number",
            "n_closed number",
            "match_rate share",
        ),
        empty="There are no figures.",
        page_size=10,
    )


WEEK_PERSONAS = _compared(
    "week_personas", "persona_id", "fct_reconciliation_by_persona", "persona_id persona?"
)
WEEK_APPLICATIONS = _compared(
    "week_applications",
    "application_id",
    "fct_reconciliation_by_application",
    "application_id application",
    rows="application_id={application_id}",
)
WEEK_COST_CENTERS = _compared(
    "week_cost_centers", "cost_center", "fct_reconciliation_by_cost_center", "cost_center text"
)
WEEK_MANAGERS = _compared(
    "week_managers", "manager_brid", "fct_reconciliation_by_manager", "manager_brid brid"
)


def _of_page(column: Column, page: str) -> Column:
    """Make a count link to the rows of this page, which are those of the chosen week."""
    rows = column.rows.replace("changes/finding_changes", f"{page}/week_changes")
    return Column(**{**column.__dict__, "rows": rows})


WEEK_CAUSES = Table(
    name="week_causes",
    title="Why findings opened and closed in the week",
    model=CAUSES.model,
    columns=tuple(_of_page(column, "weeks") for column in CAUSES.columns),
    empty="No finding opened or closed in the week.",
)
WEEK_CHANGES = Table(
    name="week_changes",
    title="Findings that opened or closed in the week",
    model=FINDING_CHANGES.model,
    columns=FINDING_CHANGES.columns,
    empty="No finding opened or closed in the week.",
    page_size=10,
)
WEEK_ROOT_CAUSES = Table(
    name="week_root_causes",
    title="Causes of the findings of the week",
    model=ROOT_CAUSES.model,
    columns=columns(
        "cause_rank number Rank",
        "risk_level risk?",
        "cause_title text Cause",
        "n_findings number",
        "evidence text",
        "action_text text Action",
        "is_new flag?",
    ),
    empty=ROOT_CAUSES.empty,
    page_size=10,
)
WEEK_FINDINGS = Table(
    name="week_findings",
    title="Findings of either week",
    model="rpt_finding_weeks",
    columns=columns(
        "standing word? Stood",
        "brid brid?",
        *PERSON[1:],
        "application_id application?",
        "finding_type status?",
        "reconciliation_reason word?",
        "finding_state word?",
        "disposition word?",
        "is_overdue flag?",
        "due_date date",
        "opened_date date?",
        "reviewer_brid brid? Reviewer +",
        "is_privileged flag? +",
        "suspended_reason word? +",
    ),
    empty="There were no findings in these weeks.",
)
OF_WEEK = (
    WEEK_PERSONAS,
    WEEK_APPLICATIONS,
    WEEK_COST_CENTERS,
    WEEK_MANAGERS,
    WEEK_ROOT_CAUSES,
    WEEK_CAUSES,
    WEEK_CHANGES,
    WEEK_FINDINGS,
)

_OF_WEEK = "join week_numbers using (as_of_date)"


def _section(table: Table, key: str) -> tuple[str, str]:
    made = ("n_open_other", "n_difference")
    names = ", ".join(column.name for column in table.columns if column.name not in made)
    return (f"select _number, {names} from {table.model} {_OF_WEEK}", f"_number, {key}")


_NAMED = "left join names using (brid)"
_FINDINGS = ", ".join(
    column.name for column in WEEK_FINDINGS.columns if column.name not in ("standing", "full_name")
)
_CAUSES = ", ".join(column.name for column in WEEK_ROOT_CAUSES.columns)
_CHANGES = ", ".join(column.name for column in WEEK_CHANGES.columns if column.name != "full_name")
WEEK_SECTIONS: Sections = {
    "week_personas": _section(WEEK_PERSONAS, "n_open desc, persona_id"),
    "week_applications": _section(WEEK_APPLICATIONS, "n_open desc, application_id"),
    "week_cost_centers": _section(WEEK_COST_CENTERS, "n_open desc, cost_center"),
    "week_managers": _section(WEEK_MANAGERS, "n_open desc, manager_brid"),
    "week_root_causes": (
        f"select _number, {_CAUSES} from rpt_causes {_OF_WEEK} where cause_state <> 'closed'",
        "_number, cause_rank",
    ),
    "week_causes": _section(WEEK_CAUSES, "change_cause, finding_type"),
    "week_changes": (
        f"select _number, full_name, {_CHANGES} from fct_finding_changes {_OF_WEEK} {_NAMED}",
        "_number, finding_change, change_cause, brid, application_id, finding_type",
    ),
    "week_findings": (
        f"select _number, full_name, {_FINDINGS} from rpt_finding_weeks {_OF_WEEK} {_NAMED}",
        "_number, is_overdue desc, due_date, brid, application_id, finding_type",
    ),
}
