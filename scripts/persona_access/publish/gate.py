"""The audit before publishing: only a week that was built whole and passed every test goes out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
from dbt.artifacts.resources.types import NodeType
from dbt.contracts.graph.manifest import Manifest

from persona_access.errors import PersonaAccessError
from persona_access.publish.catalogue import Mart


@dataclass(frozen=True)
class WeekBuild:
    """A record of `runs.week_builds`: how the newest build of a week came out."""

    as_of_date: date
    invocation_id: str
    started_at: datetime
    is_complete: bool
    n_nodes: int
    n_errors: int
    n_failures: int
    n_skipped: int


def check_week(
    connection: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    marts: Iterable[Mart],
    target: Path,
) -> WeekBuild:
    """Return the build that may be published.

    `target` is dbt's folder, whose last results name what failed. Raises PersonaAccessError that
    says what is wrong with the week and what to do.
    """
    build, newest = _newest_build(connection)
    if not build.is_complete:
        raise PersonaAccessError(
            f"The newest build of the week {build.as_of_date} did not come out whole: "
            f"{build.n_failures} tests failed, {build.n_errors} nodes broke, {build.n_skipped} "
            f"were skipped{_names_of_failures(target, build)}. Mend what failed, run "
            f"`persona-access build --from {build.as_of_date}`, and publish again."
        )
    if build.as_of_date != newest:
        raise PersonaAccessError(
            f"The week built last is {build.as_of_date}, but {newest} is the newest one: run "
            f"`persona-access build --from {newest}` and publish again."
        )
    # dbt's record counts exposures, which it passes by, but no hooks, which are nodes.
    n_whole = len(manifest.exposures) + sum(
        node.resource_type != NodeType.Operation for node in manifest.nodes.values()
    )
    if build.n_nodes not in (n_whole, n_whole + len(manifest.unit_tests)):
        raise PersonaAccessError(
            f"The build of the week {build.as_of_date} went through {build.n_nodes} models, tests "
            f"and exposures, but the project has {n_whole}: it left some out, or the project "
            f"changed since. Run `persona-access build --from {build.as_of_date}` and publish "
            "again."
        )
    for mart in marts:
        _check_mart(connection, mart, build.as_of_date)
    return build


def _newest_build(connection: duckdb.DuckDBPyConnection) -> tuple[WeekBuild, date]:
    try:
        rows = connection.sql(
            """
            select
                as_of_date, invocation_id, started_at, is_complete, n_nodes, n_errors, n_failures,
                n_skipped, max(as_of_date) over () as newest
            from runs.week_builds
            order by started_at desc
            limit 1
            """
        ).fetchall()
    except duckdb.CatalogException:
        rows = []
    if not rows:
        raise PersonaAccessError(
            "No week was built yet: run `persona-access build` and publish again."
        )
    return WeekBuild(*rows[0][:-1]), rows[0][-1]


def _check_mart(connection: duckdb.DuckDBPyConnection, mart: Mart, week: date) -> None:
    """Refuse a mart of another week, which a build that was killed leaves without a record."""
    try:
        ((newest,),) = connection.sql(f"select max(as_of_date) from marts.{mart.name}").fetchall()  # noqa: S608
    except duckdb.CatalogException as error:
        raise PersonaAccessError(
            f"The warehouse has no mart '{mart.name}': run `persona-access build --from {week}` "
            "and publish again."
        ) from error
    if newest not in (week, None):
        raise PersonaAccessError(
            f"The mart '{mart.name}' speaks of {newest}, but the last whole build was of {week}; "
            "a build was probably interrupted. Run `persona-access build` and publish again."
        )


def _names_of_failures(target: Path, build: WeekBuild) -> str:
    """Name what failed, when dbt's last results are those of the build."""
    try:
        results = json.loads((target / "run_results.json").read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    if results["metadata"]["invocation_id"] != build.invocation_id:
        return ""
    names = [
        result["unique_id"].split(".")[2]
        for result in results["results"]
        if result["status"] in ("fail", "error", "runtime error")
    ]
    return f" ({', '.join(names)})" if names else ""
