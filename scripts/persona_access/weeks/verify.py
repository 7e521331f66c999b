"""Build a week beside the warehouse and compare it with the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from persona_access.base.content_hash import ContentHash, content_hash
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import counted
from persona_access.base.queries import Record
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.warehouse import reading
from persona_access.base.week_build import complete_weeks
from persona_access.base.week_inputs import Build, builds_of_weeks
from persona_access.questions.replay.engine import replay
from persona_access.weeks.plan import changed_mappings


@dataclass(frozen=True)
class Verification:
    """The result for a rebuilt week: a verdict for each mart, and the inputs that differ.

    `notes` name feed mappings that changed since; the week uses their earlier versions.
    """

    week: date
    marts: list[Record]
    inputs: list[Record]
    differing: list[str]
    notes: list[str]

    def check(self) -> None:
        """Raise PersonaAccessError if a mart or snapshot differs."""
        if not self.differing:
            return
        because = (
            "the inputs above differ from those of its build"
            if self.inputs
            else "its files, decisions and code are unchanged, so somebody changed a table"
        )
        raise PersonaAccessError(
            f"The week {self.week} differs from what is in {', '.join(self.differing)}: {because}."
        )


def verify(
    settings: Settings,
    week: date,
    report: Reporter = SILENT,
    *,
    is_whole: bool = False,
    against: Path | None = None,
) -> Verification:
    """Build a week again from its files on a copy, and compare content hashes.

    Earlier weeks are those of the warehouse; with `is_whole`, they are built again, too.

    Raises PersonaAccessError for a week that is not built or loaded.
    """
    builds = builds_of_weeks(settings.warehouse)
    if week not in builds:
        raise PersonaAccessError(f"The week {week} is not built, so there is nothing to compare.")
    loaded = complete_weeks(settings)
    if week not in loaded:
        raise PersonaAccessError(
            f"The files of {week} are no longer in {settings.raw}: the week cannot be built again."
        )
    weeks = [other for other in loaded if other <= week] if is_whole else [week]
    is_newest = week == max(builds)
    # Each step from the copy of the warehouse to the last hash takes time.
    with (
        report.work(f"verify {week}") as verifying,
        replay(settings, weeks[0]) as (replayed, _),
    ):
        project = replayed.project
        verifying.doing(f"read the marts of {week}")
        before = hashes(project, settings.warehouse, week, is_newest=is_newest)
        verifying.doing(f"verify {week}")
        with report.work("weeks", total=len(weeks)) as work:
            for each in weeks:
                replayed.build(each, report=report, what=" again")
                work.advance()
        verifying.doing(f"compare the marts of {week}")
        after = hashes(project, replayed.warehouse, week, is_newest=is_newest)
        published = _published(against, week) if against else {}
        again = builds_of_weeks(replayed.warehouse)[week]
    return Verification(
        week,
        marts=[_row(name, before[name], after[name], published) for name in after],
        inputs=_differing_inputs(builds[week], again),
        notes=changed_mappings(settings, week, builds[week]),
        differing=sorted(
            name
            for name in after
            if before[name] != after[name] or published.get(name, after[name]) != after[name]
        ),
    )


def hashes(
    project: DbtProject, warehouse: Path, week: date, *, is_newest: bool
) -> dict[str, ContentHash]:
    """Hash the rows of a week in every mart and snapshot.

    Marts that keep only one week are included only for the newest week.
    """
    found = {}
    with reading(warehouse) as connection:
        for node in _marts_and_snapshots(project):
            relation, where = f'"{node.schema}"."{node.alias}"', "true"
            if node.config.materialized == "weekly":
                where = f"as_of_date = date '{week}'"
            elif node.resource_type == "snapshot":
                rows = statement(
                    __package__, "snapshot_of_week", snapshot=relation, week=f"timestamp '{week}'"
                )
                relation = f"({rows})"
            elif not is_newest:
                continue
            found[node.name] = content_hash(connection, relation, where)
    return found


def _marts_and_snapshots(project: DbtProject) -> list[Any]:
    nodes = (
        node
        for node in project.manifest.nodes.values()
        if node.schema in ("marts", "snapshots")
        and node.resource_type in ("model", "snapshot")
        and node.config.meta.get("is_function_of_week", True)
    )
    return sorted(nodes, key=lambda node: str(node.name))


def _published(folder: Path, week: date) -> dict[str, ContentHash]:
    """Hash the Parquet files of a folder; if a file has several weeks, only the given week."""
    found = {}
    with duckdb.connect() as connection:
        for file in sorted(folder.glob("*.parquet")):
            relation = "'" + str(file).replace("'", "''") + "'"
            columns = {row[0] for row in connection.sql(f"describe from {relation}").fetchall()}
            where = f"as_of_date = date '{week}'" if "as_of_date" in columns else "true"
            found[file.stem] = content_hash(connection, relation, where)
    if not found:
        raise PersonaAccessError(
            f"{folder} has no Parquet file to compare with: give the folder of a release's marts."
        )
    return found


def _differing_inputs(then: Build, now: Build) -> list[Record]:
    """List the inputs that changed since the week was built."""
    if not then.inputs:
        return []
    described = [
        {
            (row["input_kind"], row["input_name"]): row["sha256"] or row["input_value"]
            for row in build.inputs
        }
        for build in (then, now)
    ]
    return [
        {"input": " ".join(key), "then": described[0].get(key), "now": described[1].get(key)}
        for key in sorted({*described[0], *described[1]})
        if described[0].get(key) != described[1].get(key)
    ]


def _row(
    mart: str, before: ContentHash, after: ContentHash, published: dict[str, ContentHash]
) -> Record:
    row = {
        "mart": mart,
        "rows": after.n_rows,
        "content hash": after.value,
        "warehouse": _verdict(before, after),
    }
    return row | ({"published": _verdict(published.get(mart), after)} if published else {})


def _verdict(there: ContentHash | None, here: ContentHash) -> str:
    if there is None:
        return ""
    return "same" if there == here else f"DIFFERS ({counted(there.n_rows, 'row')})"
