"""Audit a week before publishing: it must be built completely and have passed every test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.sql import statement
from persona_access.outputs.release.catalogue import Mart


@dataclass(frozen=True)
class WeekBuild:
    """The newest build: its week, start (UTC), and commit."""

    as_of_date: date
    invocation_id: str
    started_at: datetime
    commit: str | None


def check_week(connection: duckdb.DuckDBPyConnection, marts: Iterable[Mart]) -> WeekBuild:
    """Return the build to publish.

    Raises PersonaAccessError that explains what is wrong with the week and what to do.
    """
    build = _check_build(connection)
    # A mart of a later week has no people of this week, but not because of its files.
    for mart in marts:
        # A view is checked when it is read, because reading computes it.
        if not is_view(connection, mart):
            check_mart(connection, mart, build.as_of_date, mart.relation)
    _check_people(connection, build.as_of_date)
    return build


def _check_build(connection: duckdb.DuckDBPyConnection) -> WeekBuild:
    newest = _rows(connection, "newest_build")
    if not newest:
        raise PersonaAccessError(
            "No week was built yet: run `persona-access build` and publish again."
        )
    week, build_id, started_at, is_complete, *counts, newest_week = newest[0]
    n_errors, n_failures, n_skipped = counts
    again = f"Run `persona-access rebuild --from {newest_week}` and publish again."
    tests = _rows(connection, "tests_of_build", build=build_id)
    if not tests or any(status == "not_run" for _, status in tests):
        raise PersonaAccessError(
            f"The week {week} was built without all of its tests{_names(tests, 'not_run')}. {again}"
        )
    if not is_complete:
        raise PersonaAccessError(
            f"The newest build of the week {week} failed or is incomplete (failed tests: "
            f"{n_failures}, broken nodes: {n_errors}, skipped or omitted: {n_skipped})"
            f"{_names(tests, 'fail', 'error')}. Fix the failures, run `persona-access build`, and "
            "publish again."
        )
    if week != newest_week:
        raise PersonaAccessError(
            f"The week built last is {week}, but {newest_week} is the newest. {again}"
        )
    commits = _rows(connection, "commit_of_build", build=build_id)
    return WeekBuild(week, build_id, started_at, commits[0][0] if commits else None)


def _check_people(connection: duckdb.DuckDBPyConnection, week: date) -> None:
    """Refuse a week without people or pairs: that is an error in the files, not a result."""
    for mart, what, feeds in (
        ("dim_employees", "no employee with a readable BRID", "hr_headcount"),
        ("fct_access_reconciliation", "no pair of person and application", "every feed"),
    ):
        try:
            found = connection.execute(
                f"select 1 from marts.{mart} where as_of_date = $1 limit 1",  # noqa: S608
                [week],
            ).fetchall()
        except duckdb.CatalogException:
            # The check of each mart names a missing one.
            return
        if not found:
            raise PersonaAccessError(
                f"The week {week} has {what}, so there is nothing to publish: run "
                "`persona-access summary` to see the quarantined rows, ask the sender of "
                f"{feeds} for a correct file, load it, run `persona-access build`, and publish "
                "again."
            )


def check_mart(
    connection: duckdb.DuckDBPyConnection, mart: Mart, week: date, relation: str
) -> None:
    """Refuse a mart of another week: a killed build leaves such marts without a record.

    `relation` has its rows. Raises PersonaAccessError.
    """
    try:
        ((newest,),) = connection.sql(f"select max(as_of_date) from {relation}").fetchall()  # noqa: S608
    except duckdb.CatalogException as error:
        raise PersonaAccessError(
            f"The warehouse has no mart '{mart.name}': run `persona-access rebuild --from {week}` "
            "and publish again."
        ) from error
    if newest is None:
        return
    # A mart can be empty in a week without changes; a view belongs to the week in which it is
    # read.
    is_behind = newest < week and mart.history == "newest_week" and not is_view(connection, mart)
    written = {"week": week.isoformat(), "mart": mart.name}
    if newest > week or (is_behind and not _rows(connection, "writing_of_mart", **written)):
        raise PersonaAccessError(
            f"The mart '{mart.name}' is of {newest}, but the last complete build was of "
            f"{week}; the build of {newest} is incomplete or was interrupted. Run "
            "`persona-access build` and publish again."
        )


def is_view(connection: duckdb.DuckDBPyConnection, mart: Mart) -> bool:
    """Return whether a mart is a view, which is computed when it is read."""
    views = "select 1 from duckdb_views() where schema_name = $1 and view_name = $2"
    return bool(connection.execute(views, [mart.schema, mart.name]).fetchall())


def _rows(connection: duckdb.DuckDBPyConnection, name: str, **values: str) -> list[tuple[Any, ...]]:
    """Read records of builds; empty if no build ever wrote such records."""
    try:
        return connection.execute(statement(__package__, name), values).fetchall()
    except duckdb.CatalogException:
        return []


def _names(tests: list[tuple[Any, ...]], *statuses: str) -> str:
    """List the first tests with one of these results."""
    found = [name for name, status in tests if status in statuses]
    shown = [*found[:5], *([f"and {len(found) - 5} more"] if len(found) > 5 else [])]
    return f" ({', '.join(shown)})" if shown else ""
