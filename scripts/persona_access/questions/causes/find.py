"""Find the causes of a week, and the findings that a cause explains."""

from __future__ import annotations

from datetime import date

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import counted
from persona_access.base.queries import Record, ask, asking, choose_week, select
from persona_access.base.settings import Settings
from persona_access.base.sql import statement

FIRST = 3


def collect(settings: Settings, requested: date | None, cause: str | None = None) -> Record:
    """Collect the causes of a week, or one cause with its findings, rarest access first.

    Raises PersonaAccessError if the week is not built, or does not have the cause.
    """
    with asking(settings) as connection:
        week = choose_week(connection, requested)
        if cause is None:
            return {
                "week": week,
                "figures": figures(connection, week),
                "causes": causes(connection, week),
            }
        found = find(connection, week, cause)
        return {
            "week": week,
            "cause": found,
            "findings": ask(
                connection,
                statement(__package__, "findings"),
                {"week": week, "cause_id": found["cause_id"]},
            ),
        }


def figures(connection: duckdb.DuckDBPyConnection, week: date) -> Record:
    """Count causes and findings of a week; return zeros if the week was built without causes."""
    names = (
        "n_causes",
        "n_explained",
        "n_single",
        "n_findings",
        "n_new_causes",
        "n_grown_causes",
        "n_new_findings",
        "n_new_single",
        "n_news",
        "n_closed_causes",
        "n_snoozed_causes",
    )
    found = select(
        connection,
        "reporting.rpt_cause_weeks",
        names,
        "where as_of_date = $week",
        {"week": week},
    )
    return found[0] if found else dict.fromkeys(names, 0)


def causes(
    connection: duckdb.DuckDBPyConnection, week: date, n_most: int | None = None
) -> list[Record]:
    """List the causes of a week, by risk and then by the number of explained findings."""
    most = {"week": week, "n_most": 1_000_000 if n_most is None else n_most}
    return ask(connection, statement(__package__, "causes"), most)


def alerting_causes(
    connection: duckdb.DuckDBPyConnection, week: date, n_least: int
) -> list[Record]:
    """List the causes that opened with, or grew by, at least this number of findings in a week."""
    return [
        cause
        for cause in causes(connection, week)
        if cause["is_grown"]
        or (cause["is_new"] and cause["cause_state"] == "open" and cause["n_findings"] >= n_least)
    ]


def headline(figures: Record) -> str:
    """Return a sentence about how many findings the causes explain."""
    if not figures["n_causes"]:
        return f"No cause explains more than one of {counted(figures['n_findings'], 'finding')}."
    start = min(FIRST, figures["n_causes"])
    explain, first = ("explains", "it") if start == 1 else ("explain", f"the first {start}")
    return (
        f"{counted(figures['n_causes'], 'cause')} {explain} {figures['n_explained']:,} of "
        f"{counted(figures['n_findings'], 'finding')}; start with {first}."
    )


def news(figures: Record) -> str:
    """Return a sentence about new and growing causes, and new findings without a cause.

    Other new findings belong to existing causes: they are only counted.
    """
    n_known = figures["n_new_findings"] - figures["n_new_single"]
    parts = (
        (figures["n_new_causes"], "cause"),
        (figures["n_grown_causes"], "grown cause"),
        (figures["n_new_single"], "single finding"),
    )
    told = ", ".join(counted(number, thing) for number, thing in parts if number)
    return (
        f"New this week: {told or 'no cause'}. "
        f"{counted(figures['n_new_findings'], 'finding')} opened, {n_known:,} with a cause."
    )


def find(connection: duckdb.DuckDBPyConnection, week: date, cause: str) -> Record:
    """Find a cause of a week by its id or rank.

    Raises PersonaAccessError if the week has no such cause.
    """
    for found in causes(connection, week):
        if cause in (found["cause_id"], str(found["cause_rank"])):
            return found
    raise PersonaAccessError(
        f"The week {week} has no cause '{cause}': give an id or rank from `persona-access causes`."
    )


def shown_cause(cause: Record) -> Record:
    """Return the columns of a cause that people read in a table."""
    return {
        "place": cause["cause_rank"],
        "risk": cause["risk_level"],
        "findings": cause["n_findings"],
        "cause": cause["cause_title"],
        "evidence": cause["evidence"],
        "action": cause["action_text"],
        "by": cause["action_brid"] or cause["action_role"].replace("_", " "),
        "news": "new" if cause["is_new"] else "grown" if cause["is_grown"] else None,
        "patch": cause["has_patch"],
    }


def told_cause(cause: Record) -> str:
    """Describe in one line a cause, the action, and who must act."""
    shown = shown_cause(cause)
    risk = f"{shown['risk']}, " if shown["risk"] else ""
    return (
        f"{shown['place']}. {risk}{counted(shown['findings'], 'finding')}: {shown['cause']} "
        f"({shown['evidence']}). {shown['action']} By: {shown['by']}.{_told_news(cause)}"
    )


def _told_news(cause: Record) -> str:
    if cause["is_new"]:
        return " New."
    return f" Grown: {counted(cause['n_new'], 'new finding')}." if cause["is_grown"] else ""
