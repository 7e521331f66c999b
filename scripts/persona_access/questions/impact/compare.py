"""Compare the two sides of a week and collect the differences by topic."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from persona_access.base.queries import Record, ask
from persona_access.base.warehouse import attach, opening
from persona_access.questions.impact.queries import PEOPLE_CHANGED, READ, REPORT, TABLES
from persona_access.questions.impact.sides import Sides

# Kept only for the week computed last, so not comparable for earlier weeks.
NEWEST_WEEK_ONLY = ("rule_changes", "cell_changes")


def compare(sides: Sides, week: date, *, is_newest: bool) -> Record:
    """Return the differences in a week: a list of records for each topic, in a fixed order."""
    scratch = sides.base.parent.parent / "comparison.duckdb"
    scratch.unlink(missing_ok=True)
    with opening(scratch) as connection:
        for side, warehouse in (("base", sides.base), ("work", sides.work)):
            _read(connection, side, warehouse, week)
        for table in TABLES:
            connection.execute(table)
        return {
            "week": week,
            "people_changed": ask(connection, PEOPLE_CHANGED)[0]["people"],
            **{
                topic: ask(connection, query)
                for topic, query in REPORT.items()
                if is_newest or topic not in NEWEST_WEEK_ONLY
            },
        }


def _read(connection: duckdb.DuckDBPyConnection, side: str, warehouse: Path, week: date) -> None:
    """Copy the compared relations: views of a warehouse can be read only under its own name."""
    attach(connection, warehouse, warehouse.stem)
    connection.execute(f"create schema {side}")
    for name, relation in READ.items():
        connection.execute(
            f'create table {side}.{name} as from "{warehouse.stem}".{relation}',
            {"week": week} if "$week" in relation else None,
        )
    connection.execute(f'detach "{warehouse.stem}"')
