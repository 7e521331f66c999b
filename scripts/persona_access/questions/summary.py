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

# Column names for people.
_STATUSES = (
    "reconciliation_status as status",
    "reconciliation_reason as reason",
    "n_pairs as pairs",
    "n_people as people",
    "n_open as open",
    "n_in_sla as in_sla",
    "n_in_grace as in_grace",
    "n_waived as waived",
)
_IN_ORDER = "list_position(['match', 'missing', 'excess', 'unassessed'], reconciliation_status)"
_PERSONAS = (
    "persona_id as persona",
    "persona_name",
    "owner_brid as owner",
    "n_employees as people",
    "n_open as open_findings",
    "n_missing as missing",
    "n_excess as excess",
    "match_rate as required_in_place",
    "excess_rate",
)
_UNRESOLVED = ("attribute_value as reason", "n_people as people")
_QUARANTINED = (
    "feed",
    "quarantine_stage as stage",
    "quarantine_reason as reason",
    "n_rows",
    "example",
)
_TREND = (
    "as_of_date as week",
    "n_employees as employees",
    "n_unresolved_employees as unresolved",
    "n_match as match",
    "n_missing as missing",
    "n_excess as excess",
    "n_unassessed as unassessed",
    "n_open as open_findings",
    "n_overdue as overdue_findings",
    "n_suspended as suspended_findings",
    "match_rate as required_in_place",
    "excess_rate",
    "n_opened as opened",
    "n_closed as closed",
    "n_duty_violations as duty_violations",
    "n_duty_violations_mitigated as duty_violations_mitigated",
)
_PRIORITIES = (
    "risk_level as risk",
    "finding_type as kind",
    "reconciliation_reason as reason",
    "n_open as to_act_on",
    "n_overdue as overdue",
    "n_new as new",
    "n_people as people",
    "max_age_days as oldest_days",
)
_UNFINISHED = "group by 1 having not arg_max(is_complete, started_at) order by 1"


def collect(settings: Settings, requested: date | None) -> Record:
    """Collect the parts of the summary by name, each a list of records."""
    with asking(settings) as connection:
        week = choose_week(connection, requested, complete_weeks(settings))
        return {
            "week": week,
            "weeks": built_weeks(connection),
            "unfinished_weeks": _unfinished_weeks(connection),
            "incomplete_weeks": [asdict(found) for found in incomplete_weeks(settings, week)],
            "cause_figures": find.figures(connection, week),
            "first_causes": find.causes(connection, week, find.FIRST),
            "statuses": select(
                connection,
                "reporting.rpt_status_reasons",
                _STATUSES,
                f"where as_of_date = $week order by {_IN_ORDER}, pairs desc, reason",
                {"week": week},
            ),
            # Null, not empty: the risk is known only for the week computed last.
            "priorities": (
                select(
                    connection,
                    "reporting.rpt_finding_priorities",
                    _PRIORITIES,
                    f"order by {worst_first('risk_level')}, n_overdue desc, n_open desc, "
                    "kind, reason",
                )
                if week == week_computed_last(connection)
                else None
            ),
            "worst_personas": _worst_personas(connection, week),
            "unresolved": select(
                connection,
                "marts.fct_population_by_week",
                _UNRESOLVED,
                "where as_of_date = $week and attribute_name = 'without a persona because' "
                "order by people desc, reason",
                {"week": week},
            ),
            # Null, not empty: the mart keeps only the rows of the week computed last.
            "quarantined": (
                select(
                    connection,
                    "reporting.rpt_quarantine_reasons",
                    _QUARANTINED,
                    "order by feed, n_rows desc, reason",
                )
                if week == week_computed_last(connection)
                else None
            ),
            "refused_files": ask(connection, statement(__package__, "refused_files")),
            "trend": select(
                connection,
                "reporting.rpt_week_figures",
                _TREND,
                "where as_of_date <= $week order by as_of_date",
                {"week": week},
            ),
        }


def _worst_personas(connection: duckdb.DuckDBPyConnection, week: date) -> list[Record]:
    """List the personas with the most open findings, with their numbers over the weeks."""
    worst = select(
        connection,
        "reporting.rpt_personas",
        _PERSONAS,
        "where as_of_date = $week and n_open > 0 "
        "order by n_open desc, match_rate, persona_id limit $n_worst",
        {"week": week, "n_worst": N_WORST},
    )
    for row in worst:
        weeks = select(
            connection,
            "reporting.rpt_personas",
            ("n_open",),
            "where as_of_date <= $week and persona_id = $persona order by as_of_date",
            {"week": week, "persona": row["persona"]},
        )
        row["open_by_week"] = [each["n_open"] for each in weeks]
    return worst


def _unfinished_weeks(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """List the weeks whose newest build failed."""
    known = ask(connection, "select 1 as n from duckdb_tables() where table_name = 'week_builds'")
    if not known:
        return []
    weeks = select(connection, "runs.week_builds", ["as_of_date"], _UNFINISHED)
    return [row["as_of_date"] for row in weeks]
