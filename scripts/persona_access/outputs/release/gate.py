"""The audit before publishing: only a week that was built whole and passed every test goes out."""

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
    """The newest build: its week, when it started (UTC), and the commit that it ran."""

    as_of_date: date
    invocation_id: str
    started_at: datetime
    commit: str | None


def check_week(connection: duckdb.DuckDBPyConnection, marts: Iterable[Mart]) -> WeekBuild:
    """Return the build that may be published.

    Raises PersonaAccessError that says what is wrong with the week and what to do.
    """
    build = _check_build(connection)
    # A mart of a later week has no people of this one, for another reason than its files.
    for mart in marts:
        # A view is checked when it is read: that computes it.
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
            f"The newest build of the week {week} failed or is incomplete: {n_failures} tests "
            f"failed, {n_errors} nodes broke, {n_skipped} were skipped or left out"
            f"{_names(tests, 'fail', 'error')}. Fix what failed, run `persona-access build`, and "
            "publish again."
        )
    if week != newest_week:
        raise PersonaAccessError(
            f"The week built last is {week}, but {newest_week} is the newest one. {again}"
        )
    commits = _rows(connection, "commit_of_build", build=build_id)
    return WeekBuild(week, build_id, started_at, commits[0][0] if commits else None)


def _check_people(connection: duckdb.DuckDBPyConnection, week: date) -> None:
    """Refuse a week without people or pairs, which is a fault of the files and not a result."""
    for mart, what, feeds in (
        ("dim_employees", "no employee whose BRID can be read", "hr_headcount"),
        ("fct_access_reconciliation", "no pair of person and application", "every feed"),
    ):
        try:
            found = connection.execute(
                f"select 1 from marts.{mart} where as_of_date = $1 limit 1",  # noqa: S608
                [week],
            ).fetchall()
        except duckdb.CatalogException:
            # The check of each mart says which is not there.
            return
        if not found:
            raise PersonaAccessError(
                f"The week {week} has {what}, so there is nothing to publish: see `persona-access "
                f"summary` for the rows in quarantine, ask the sender of {feeds} for a right file, "
                "load it, run `persona-access build`, and publish again."
            )


def check_mart(
    connection: duckdb.DuckDBPyConnection, mart: Mart, week: date, relation: str
) -> None:
    """Refuse a mart of another week, which a build that was killed leaves without a record.

    `relation` holds its rows. Raises PersonaAccessError.
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
    # Of a week in which nothing happened, a mart may have no row; a view is of the week it is
    # read in.
    is_behind = newest < week and mart.history == "newest_week" and not is_view(connection, mart)
    written = {"week": week.isoformat(), "mart": mart.name}
    if newest > week or (is_behind and not _rows(connection, "writing_of_mart", **written)):
        raise PersonaAccessError(
            f"The mart '{mart.name}' is of {newest}, but the last whole build was of {week}; "
            "that week was not built whole, or its build was interrupted. Run `persona-access "
            "build` and publish again."
        )


def is_view(connection: duckdb.DuckDBPyConnection, mart: Mart) -> bool:
    """Whether a mart is computed whenever it is read."""
    views = "select 1 from duckdb_views() where schema_name = $1 and view_name = $2"
    return bool(connection.execute(views, [mart.schema, mart.name]).fetchall())


def _rows(connection: duckdb.DuckDBPyConnection, name: str, **values: str) -> list[tuple[Any, ...]]:
    """Read records of builds; none where no build ever wrote such records."""
    try:
        return connection.execute(statement(__package__, name), values).fetchall()
    except duckdb.CatalogException:
        return []


def _names(tests: list[tuple[Any, ...]], *statuses: str) -> str:
    """Name the tests with one of these results, the first few of many."""
    found = [name for name, status in tests if status in statuses]
    shown = [*found[:5], *([f"and {len(found) - 5} more"] if len(found) > 5 else [])]
    return f" ({', '.join(shown)})" if shown else ""
