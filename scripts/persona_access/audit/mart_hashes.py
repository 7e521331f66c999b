"""Find marts that changed after the build of their week.

A build records a hash of each mart and of each table that the next week needs, and of each view's
query, in the warehouse and in the audit log. The hashes depend on the DuckDB version: with another
version, nothing is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

import duckdb

from persona_access.audit.chain import Chain
from persona_access.audit.record import BUILD, log_file
from persona_access.base.content_hash import ContentHash
from persona_access.base.errors import PersonaAccessError
from persona_access.base.queries import Record, ask
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.warehouse import reading
from persona_access.base.week_build import complete_weeks
from persona_access.base.week_inputs import newest_week_held

_RECORDED = statement(__package__, "recorded_hashes")


def changed_marts(
    settings: Settings, weeks: Collection[date] | None = None
) -> dict[date, list[str]]:
    """Return, by week, the marts whose rows differ from those of the week's newest build.

    With `weeks`, check only these. A mart that keeps one week is checked for the newest.
    """
    if not settings.warehouse.is_file():
        return {}
    with reading(settings.warehouse) as connection:
        return find_changed_marts(connection, settings, weeks)


def recorded_contents(
    connection: duckdb.DuckDBPyConnection, settings: Settings, week: date
) -> dict[str, tuple[list[str], ContentHash]]:
    """Return, by mart, the sorted columns and the content that the build of a week recorded.

    Views are omitted, as are marts whose record differs from the audit log.
    """
    logged = _logged(settings)
    return {
        row["mart_name"]: (
            row["column_names"].split(", "),
            ContentHash(row["n_rows"], f"{int(row['content_hash'].partition(':')[2]):024x}"),
        )
        for row in _recorded(connection)
        if row["as_of_date"] == week and row["column_names"] and _in_log(row, logged)
    }


def find_changed_marts(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    weeks: Collection[date] | None = None,
    whole: Collection[str] = (),
    without: Collection[str] = (),
) -> dict[date, list[str]]:
    """Like changed_marts, but on an open warehouse, and only for these weeks, if given.

    For marts in `whole`, all weeks are checked; marts in `without` are not. A mart that keeps one
    week is compared for the newest week, unless an incomplete later build has replaced it.
    """
    recorded = [row for row in _recorded(connection) if row["mart_name"] not in without]
    if not recorded:
        return {}
    held = newest_week_held(connection)
    if recorded and held and held > max(row["as_of_date"] for row in recorded):
        recorded = [row for row in recorded if row["is_weekly"]]
    logged = _logged(settings)
    asked = [
        row
        for row in recorded
        if weeks is None or row["as_of_date"] in weeks or row["mart_name"] in whole
    ]
    changed: dict[date, list[str]] = defaultdict(list)
    for row, now in zip(asked, _current(connection, asked), strict=True):
        if now != row["content_hash"] or not _in_log(row, logged):
            changed[row["as_of_date"]].append(row["mart_name"])
    return dict(changed)


def refuse_changed_marts(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    weeks: Collection[date] | None = None,
    whole: Collection[str] = (),
    without: Collection[str] = (),
) -> None:
    """Raise PersonaAccessError, with the command to run, if a mart changed since its build."""
    changed = find_changed_marts(connection, settings, weeks, whole, without)
    if not changed:
        return
    week = min(changed)
    if week in complete_weeks(settings):
        remedy = "`persona-access build` builds it and all later weeks again"
    else:
        remedy = "its files are gone, so restore the warehouse from a backup"
    raise PersonaAccessError(
        f"The week {week} changed since its build: {listed(changed[week])}. Find out who "
        f"changed the warehouse; {remedy}."
    )


def listed(marts: list[str]) -> str:
    """List the first three marts."""
    more = f" and {len(marts) - 3} more" if len(marts) > 3 else ""
    return ", ".join(marts[:3]) + more


def _recorded(connection: duckdb.DuckDBPyConnection) -> list[Record]:
    """Read the recorded hashes; weeks built before hashes were recorded have none."""
    try:
        return ask(connection, _RECORDED)
    except duckdb.CatalogException:
        return []


def _logged(settings: Settings) -> dict[str, dict[str, str]]:
    """Read the hashes of marts in the audit log, by build."""
    return {
        entry.what["invocation_id"]: entry.what.get("marts") or {}
        for entry in Chain(log_file(settings)).read()
        if entry.action == BUILD and "invocation_id" in entry.what
    }


def _in_log(row: Record, logged: Mapping[str, Mapping[str, str]]) -> bool:
    """Compare a hash with the log, if it has one.

    Somebody can change the hashes in the warehouse together with the tables, but not the log.
    """
    known = logged.get(row["invocation_id"], {}).get(row["mart_name"], row["content_hash"])
    return bool(known == row["content_hash"])


def _current(connection: duckdb.DuckDBPyConnection, recorded: list[Record]) -> list[str | None]:
    """Compute the hashes like the macro record_mart_hashes, for all weeks of a mart at once."""
    weeks_of: dict[tuple[str, str, bool, str], set[date]] = defaultdict(set)
    for row in recorded:
        if row["column_names"]:
            weeks_of[_key(row)].add(row["as_of_date"])
    views = {
        (row["schema_name"], row["view_name"]): row["said"]
        for row in ask(connection, statement(__package__, "hashes_of_views"))
    }
    found: dict[tuple[str, str, bool, str], dict[date, str]] = {}
    for key, weeks in weeks_of.items():
        schema, mart, is_weekly, columns = key
        source, week, where = f'"{schema}"."{mart}"', "unnest($weeks)", "true"
        if schema == "snapshots":
            # Rows with periods: a week has the rows whose period contains it.
            source += " inner join (select unnest($weeks) as week) as weeks"
            source += " on dbt_valid_from <= week and dbt_valid_to > week"
            week = "week"
        elif is_weekly:
            week, where = "as_of_date", "as_of_date in (select unnest($weeks))"
        figures = f"{week}, count(*) || ':' || coalesce(sum(hash({columns})::hugeint), 0)"
        grouping = " group by 1" if is_weekly else ""
        try:
            rows = connection.execute(
                f"select {figures} from {source} where {where}{grouping}",  # noqa: S608
                {"weeks": sorted(weeks)},
            ).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            rows = [(other, "gone") for other in weeks]
        found[key] = dict.fromkeys(weeks, "0:0") | dict(rows)
    return [
        found[_key(row)].get(row["as_of_date"])
        if row["column_names"]
        else views.get((row["schema_name"], row["mart_name"]), "gone")
        for row in recorded
    ]


def _key(row: Record) -> tuple[str, str, bool, str]:
    return row["schema_name"], row["mart_name"], row["is_weekly"], row["column_names"]
