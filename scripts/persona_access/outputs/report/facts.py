"""Facts of the first page in addition to its tables: open findings, first actions, later files."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import duckdb

from persona_access.base.glossary import Glossary
from persona_access.base.printable import counted
from persona_access.base.queries import Record, ask, select
from persona_access.base.sql import statement
from persona_access.outputs.release.catalogue import in_words
from persona_access.outputs.report import tables

# Number of kinds of findings at the top of the first page.
_N_FIRST = 6
_N_CAUSES = 3


def standing(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count the current findings, those of critical risk, and new ones."""
    (counts,) = ask(connection, statement(__package__, "standing"))
    return counts


def baseline_personas(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """List the personas that every current employee has."""
    found = connection.execute(
        "select persona_id from dim_personas where is_baseline order by persona_id"
    ).fetchall()
    return [row[0] for row in found]


def later_files(connection: duckdb.DuckDBPyConnection) -> list[tuple[date, str]]:
    """List later dates for which files arrived, and their feeds."""
    return connection.execute(statement(__package__, "later_files")).fetchall()


def first_causes(connection: duckdb.DuckDBPyConnection) -> list[Record]:
    """Describe the causes to begin with: by risk, then by the number of explained findings."""
    causes = select(
        connection,
        f"({tables.ROOT_CAUSES.query})",
        ["cause_id", "risk_level", "cause_title", "evidence", "action_text", "n_findings"],
        f"order by cause_rank limit {_N_CAUSES}",
    )
    return [
        {**cause, "href": f"findings.html#{urlencode({'findings.cause_id': cause['cause_id']})}"}
        for cause in causes
    ]


def first_actions(connection: duckdb.DuckDBPyConnection, glossary: Glossary) -> list[Record]:
    """Describe the worst kinds of open findings, with the action and a link to their list."""
    query = tables.PRIORITIES.query + " where n_open > 0 order by " + tables.PRIORITIES.order
    actions = []
    for row in ask(connection, f"{query} limit {_N_FIRST}"):
        word = glossary.get("reconciliation_reason", {}).get(row["reconciliation_reason"])
        filters = {
            "finding_state": "open",
            "disposition": "open",
            **{key: row[key] for key in ("risk_level", "finding_type", "reconciliation_reason")},
        }
        address = urlencode({f"findings.{name}": value for name, value in filters.items()})
        facts = [
            counted(row["n_people"], "person", "people"),
            f"{row['n_overdue']:,} overdue" if row["n_overdue"] else "",
            f"{row['n_new']:,} new" if row["n_new"] else "",
            f"oldest {counted(row['max_age_days'], 'day')}",
        ]
        actions.append(
            {
                **row,
                "reason": in_words(row["reconciliation_reason"]),
                "meaning": word.meaning if word else "",
                "action": word.action if word else "",
                "href": f"findings.html#{address}",
                "facts": ", ".join(filter(None, facts)),
            }
        )
    return actions
