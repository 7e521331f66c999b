"""Summarise a week: statuses, worst personas, quarantined rows, the trend."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import duckdb

from persona_access.base.queries import (
    Record,
    ask,
    asking,
    built_weeks,
    choose_week,
    select,
    week_computed_last,
    worst_first,
)
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.week_build import complete_weeks, incomplete_weeks
from persona_access.questions.causes import find

N_WORST = 5

_UNFINISHED = "group by 1 having not arg_max(is_complete, started_at) order by 1"


def collect(settings: Settings, requested: date | None) -> Record:
    """Collect the parts of the summary by name, each a list of records.

    Risks and quarantined rows are known only for the week computed last; for others, they are None.
    """
    with asking(settings) as connection:
        week = choose_week(connection, requested, complete_weeks(settings))
        of_week = {"week": week}
        is_newest = week == week_computed_last(connection)

        def part(name: str, values: Record, **parts: str) -> list[Record]:
            return ask(connection, statement(__package__, f"summary_{name}", **parts), values)

        worst = worst_first("risk_level")
        return {
            "week": week,
            "weeks": built_weeks(connection),
            "unfinished_weeks": _unfinished_weeks(connection),
            "incomplete_weeks": [asdict(found) for found in incomplete_weeks(settings, week)],
            "cause_figures": find.figures(connection, week),
            "first_causes": find.causes(connection, week, find.FIRST),
            "statuses": part("statuses", of_week),
            "priorities": part("priorities", {}, worst_first=worst) if is_newest else None,
            "worst_personas": part("personas", {**of_week, "n_worst": N_WORST}),
            "unresolved": part("unresolved", of_week),
            "quarantined": part("quarantined", {}) if is_newest else None,
            "refused_files": ask(connection, statement(__package__, "refused_files")),
            "trend": part("trend", of_week),
        }


def _unfinished_weeks(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """List the weeks whose newest build failed."""
    known = ask(connection, "select 1 as n from duckdb_tables() where table_name = 'week_builds'")
    if not known:
        return []
    weeks = select(connection, "runs.week_builds", ["as_of_date"], _UNFINISHED)
    return [row["as_of_date"] for row in weeks]
