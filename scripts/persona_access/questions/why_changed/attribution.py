"""Attribute every change between two built weeks to one cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from persona_access.base.encryption import parquet_option, unlock
from persona_access.base.ledger import Ledger
from persona_access.base.queries import Record, ask
from persona_access.base.report import Reporter
from persona_access.base.scratch import scratch_folder
from persona_access.base.settings import Settings
from persona_access.base.warehouse import attach, in_little_memory
from persona_access.base.week_build import complete_weeks
from persona_access.base.week_inputs import builds_of_weeks, current_files
from persona_access.questions.replay.engine import replay
from persona_access.questions.replay.inputs import Inputs, feed_of
from persona_access.questions.why_changed import queries
from persona_access.questions.why_changed.inputs import (
    SUBSTITUTIONS,
    as_known,
    says_the_same,
    seeds_of_build,
)

# This runs beside a build of a hundred thousand people, which needs more memory.
_MEMORY_LIMIT = "500MB"


def attribute_changes(
    settings: Settings, earlier: date, later: date, file: Path, report: Reporter
) -> Record:
    """Write every changed pair with its cause to a Parquet file; return the summaries.

    Each cause is a step from the earlier week to the later one, and both ends are the weeks as
    built, so the changes of all causes add up to the whole change.
    """
    before, after = _inputs(settings, earlier, later, report)
    contents = _contents(settings)
    with (
        scratch_folder(settings, "why") as folder,
        replay(settings, later, folder=folder, inputs=before) as (replayed, _),
        duckdb.connect() as connection,
    ):
        unlock(connection)
        # Millions of pairs do not change, so the steps keep only changed pairs.
        connection.execute(f"set memory_limit = '{_MEMORY_LIMIT}'")
        connection.execute("set temp_directory = $folder", {"folder": str(folder)})
        weeks = {"previous_date": earlier, "as_of_date": later}
        changes = queries.changes(*(queries.of_week(parameter) for parameter in weeks))
        in_memory = partial(in_little_memory, connection, settings)
        with _step_of(connection, settings.warehouse):
            in_memory(lambda: connection.execute(changes, weeks))
        causes = ["before"]
        _keep_step(connection, 0, settings.warehouse, earlier)
        for cause, inputs in _steps(before, after, later, contents):
            replayed.substitute(inputs)
            replayed.build(
                later,
                "+fct_access_reconciliation",
                report=report,
                what=f" with another input: {cause}",
            )
            _keep_step(connection, len(causes), replayed.warehouse, later)
            causes.append(cause)
        _keep_step(connection, len(causes), settings.warehouse, later)
        causes.append("code_changed")
        attribution = queries.attribution(causes)
        in_memory(lambda: connection.execute(attribution, weeks))
        quoted = str(file).replace("'", "''")
        connection.execute(f"copy status_changes to '{quoted}' (format parquet{parquet_option()})")
        return {
            "previous_week": earlier,
            "week": later,
            "causes": ask(connection, queries.SUMMARY),
            "flips": ask(connection, queries.FLIPS),
        }


def _inputs(
    settings: Settings, earlier: date, later: date, report: Reporter
) -> tuple[Inputs, Inputs]:
    builds = builds_of_weeks(settings.warehouse)
    files = current_files(settings, [earlier, later], complete_weeks(settings))
    seeds = seeds_of_build(settings, builds[earlier], report.warn)
    return (
        Inputs(
            {name: as_known(text, earlier, until=later) for name, text in seeds.items()},
            files[earlier],
        ),
        Inputs(seeds_of_build(settings, builds[later], report.warn), files[later]),
    )


def _contents(settings: Settings) -> dict[str, str]:
    """Return the origin of each load: bytes, mapping, and version of the loader."""
    return {
        load.load_id: f"{load.file_sha256} {load.mapping_sha256} {load.loader_version}"
        for load in Ledger(settings.raw / "load_ledger").all_loaded()
    }


def _steps(
    before: Inputs, after: Inputs, later: date, contents: Mapping[str, str]
) -> Iterator[tuple[str, Inputs]]:
    """Yield the inputs of each replay; equal inputs need no replay.

    `contents` identifies equal files by load id, even if their dates differ.
    """
    inputs = before
    yield "time_passed", inputs
    for substitution in SUBSTITUTIONS:
        inputs = inputs.substituted(after, substitution.feeds, substitution.seeds)
        own, others = (
            {name: contents.get(load_id, load_id) for name, load_id in (week.files or {}).items()}
            for week in (before, after)
        )
        has_other_files = any(
            own.get(name) != others.get(name)
            for name in {*own, *others}
            if feed_of(name) in substitution.feeds
        )
        has_other_rows = any(
            not says_the_same(before.seeds[name], after.seeds[name], later)
            for name in substitution.seeds
            if name in before.seeds
        )
        if has_other_files or has_other_rows:
            yield substitution.cause, inputs


def _keep_step(
    connection: duckdb.DuckDBPyConnection, number: int, warehouse: Path, week: date
) -> None:
    with _step_of(connection, warehouse):
        connection.execute(queries.step(number), {"week": week})


@contextmanager
def _step_of(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> Iterator[None]:
    """Attach a warehouse under the name that the SQL statements use."""
    attach(connection, warehouse, "warehouse_of_step")
    yield
    connection.execute("detach warehouse_of_step")
