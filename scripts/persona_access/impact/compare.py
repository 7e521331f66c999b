"""Compare the two sides of a week and collect the differences by topic."""

from __future__ import annotations

from datetime import date

import duckdb

from persona_access.impact.queries import PEOPLE_CHANGED, REPORT, TABLES
from persona_access.impact.sides import Sides
from persona_access.lookup.asking import Record, ask

# Kept for the week computed last alone, so they say nothing of the weeks before it.
NEWEST_WEEK_ONLY = ("rule_changes", "cell_changes")


def compare(sides: Sides, week: date, *, is_newest: bool) -> Record:
    """Return what differs in a week, each topic a list of records in a fixed order."""
    with duckdb.connect() as connection:
        for name, warehouse in (("base", sides.base), ("work", sides.work)):
            quoted = str(warehouse).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {name} (read_only)")
        for table in TABLES:
            connection.execute(table, {"week": week} if "$week" in table else None)
        return {
            "week": week,
            "people_changed": ask(connection, PEOPLE_CHANGED)[0]["people"],
            **{
                topic: ask(connection, query)
                for topic, query in REPORT.items()
                if is_newest or topic not in NEWEST_WEEK_ONLY
            },
        }
