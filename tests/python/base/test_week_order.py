"""No dbt command falsifies a week: each gives the result of a correct build, or is refused."""

from __future__ import annotations

import gc
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import cli

from persona_access.base.dbt import one_line
from persona_access.base.warehouse import opening, reading
from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text
from scenarios.parsed import leave_parse
from scenarios.project import Project

NEWEST = WEEKS[3]
NOT_BUILT = NEWEST + timedelta(days=7)
COMMANDS = {
    "build": ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
    "run": ("run",),
    "snapshot": ("snapshot",),
    "seed": ("seed",),
    "test": ("test", "--exclude-resource-type", "unit_test"),
    "docs": ("docs", "generate"),
    "freshness": ("source", "freshness"),
    "compile": ("compile",),
}
OPTIONS = {
    "nothing": (),
    # The second reads ephemeral models.
    "two models": ("--select", "fct_access_reconciliation", "int_cause_candidates"),
    "a mart and its parents": ("--select", "+fct_rule_coverage"),
    "snapshots": ("--select", "resource_type:snapshot"),
    "empty": ("--empty",),
    "full refresh": ("--full-refresh",),
    "older week": ("--vars", f"{{as_of_date: {WEEKS[2]}}}"),
    "older week of one model": (
        *("--select", "fct_access_reconciliation"),
        *("--vars", f"{{as_of_date: {WEEKS[2]}}}"),
    ),
    "future week": ("--vars", "{as_of_date: 2099-01-05}"),
    "week without files": ("--vars", f"{{as_of_date: {NEWEST + timedelta(days=1)}}}"),
}
# Commands that work on this warehouse; the project refuses all other commands of dbt.
WORKING = {
    *itertools.product(COMMANDS, ("nothing", "two models", "a mart and its parents", "snapshots")),
    *itertools.product(("freshness",), OPTIONS),
    *(("compile", "empty"), ("docs", "empty"), ("compile", "full refresh")),
    ("docs", "full refresh"),
}
MODELS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
COVERAGE = ("--select", "fct_rule_coverage")
RECONCILED = ("--select", "fct_access_reconciliation")
OLDER = ("--vars", f"{{as_of_date: {WEEKS[2]}}}")
# Commands beyond the table; {state} is a folder with the manifest of the project.
FURTHER = {
    "clone": ("clone", "--state", "{state}"),
    "clone everything again": ("clone", "--full-refresh", "--state", "{state}"),
    "build all models of a kind again": (
        *("build", "--full-refresh", "--select", "config.materialized:weekly"), *MODELS),
    "build but for a mart": ("build", "--exclude", "fct_access_reconciliation", *MODELS),
    "run but for a mart and its children": ("run", "--exclude", "fct_movements+"),
    "run an older week but for a mart": ("run", "--exclude", "fct_movements", *OLDER),
    "build with the tests of a mart": (
        *("build", *COVERAGE, "--indirect-selection", "buildable"),
        *("--exclude-resource-type", "unit_test")),
    "build cautiously": ("build", *COVERAGE, "--indirect-selection", "cautious", *MODELS),
    "defer": ("run", *RECONCILED, "--defer", "--state", "{state}"),
    "defer an older week": ("run", *RECONCILED, *OLDER, "--defer", "--state", "{state}"),
    "what changed": ("build", "--select", "state:modified+", "--state", "{state}", *MODELS),
    "sample": ("run", *RECONCILED, "--sample", "3 days"),
    "event time": (
        *("run", *RECONCILED),
        *("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-13")),
    "show": ("show", *RECONCILED),
    "show inline": ("show", "--inline", "select * from {{ ref('fct_movements') }}"),
    "show what deletes": ("show", "--inline", "delete from marts.fct_access_reconciliation"),
    "show two statements": (
        "show", "--inline", "select 1; delete from marts.fct_access_reconciliation; select 2"),
    "one seed again": ("seed", "--full-refresh", "--select", "waivers"),
    "one snapshot": ("snapshot", "--select", "snap_headcount"),
    "one snapshot of an older week": ("snapshot", "--select", "snap_headcount", *OLDER),
    "snapshots by kind": ("build", "--resource-type", "snapshot"),
    "fail fast": ("run", *COVERAGE, "--fail-fast", "--threads", "1"),
    "list": ("list", *COVERAGE),
    "parse everything again": ("parse", "--no-partial-parse"),
}  # fmt: skip
ADVICE = re.compile(r"`persona-access [a-z-]+|`dbt build`|leave as_of_date|Leave --[a-z-]+ out")


Contents = dict[tuple[str, str | None], tuple[int, int]]


def contents(warehouse: Path) -> Contents:
    """Return the number of rows and a hash of every table of a week; a weekly table week by week.

    Uses a copy, because an exception of dbt that is still referenced keeps the warehouse open in
    this process.
    """
    copy = Path(tempfile.mkdtemp(dir=warehouse.parent)) / warehouse.name
    for file in warehouse.parent.glob(f"{warehouse.name}*"):
        if file.is_file():
            shutil.copy(file, copy.parent)
    with reading(copy) as connection:
        tables = connection.sql(
            "select schema_name, table_name, list(column_name order by column_name) "
            "from duckdb_tables() join duckdb_columns() using (schema_name, table_name) "
            "where schema_name in ('marts', 'snapshots', 'intermediate', 'decisions') group by all"
        ).fetchall()
        found = connection.sql(" union all ".join(hash_of(*table) for table in tables)).fetchall()
    shutil.rmtree(copy.parent)
    # One table cannot be lost or gained without a row here.
    known: Contents = {(table, None): (0, 0) for _, table, _ in tables}
    return known | {(table, week): (n_rows, value) for table, week, n_rows, value in found}


def hash_of(schema: str, table: str, columns: list[str]) -> str:
    """Write the query for the rows and the hash of a table, by week if it has one."""
    week = "cast(as_of_date as varchar)" if "as_of_date" in columns else "null"
    values = ", ".join(f'"{column}"' for column in columns)
    return (
        f"select '{table}', {week}, count(*), sum(hash({values})::hugeint) "
        f'from "{schema}"."{table}" group by all'
    )


@pytest.fixture(scope="module")
def home(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Copy the bank's files and built weeks; dbt has read the models already."""
    folder = tmp_path_factory.mktemp("weeks_in_order") / "data"
    shutil.copytree(built_bank.settings.home, folder)
    return built_bank.with_home(folder)


@pytest.fixture(scope="module")
def before(home: Project) -> Contents:
    """Hash the initial state of every case."""
    return contents(home.settings.warehouse)


@pytest.fixture(scope="module")
def state(home: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the manifest of the project, to which commands compare."""
    folder = tmp_path_factory.mktemp("state")
    manifest = home._dbt.manifest.writable_manifest().to_dict(omit_none=False)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture
def warehouse(home: Project, before: Contents, tmp_path: Path) -> Path:
    """Give each case a copy of the warehouse, under the name that dbt uses for it."""
    assert before
    copy = tmp_path / home.settings.warehouse.name
    shutil.copy(home.settings.warehouse, copy)
    return copy


def dbt(project: Project, warehouse: Path, *arguments: str) -> tuple[bool, str]:
    """Run dbt in this process as a person would; return success and output."""
    command = replace(
        project._dbt, settings=project.settings.model_copy(update={"warehouse": warehouse})
    )
    command._manifest = project._dbt.manifest
    outcome: Any = command.invoke(*arguments, "--target-path", str(warehouse.parent / "target"))
    said = one_line(str(outcome.exception or ""))
    if outcome.exception is None and outcome.result and not outcome.success:
        said = " ".join(str(result.message) for result in outcome.result)
    success = bool(outcome.success)
    # A connection that an exception of dbt still holds would keep the warehouse open.
    del outcome
    DuckDBConnectionManager._ENV = None
    gc.collect()
    return success, said


def knows(command: str, option: str) -> bool:
    """Return whether this version of dbt has the option for the command."""
    found: Any = cli
    for part in itertools.takewhile(lambda word: not word.startswith("-"), COMMANDS[command]):
        found = found.commands[part]
    flags = {flag for parameter in found.params for flag in parameter.opts}
    return {word for word in OPTIONS[option] if word.startswith("--")} <= flags


CASES = [case for case in itertools.product(COMMANDS, OPTIONS) if knows(*case)]


@pytest.mark.parametrize(("command", "option"), CASES)
def test_no_command_falsifies_a_week(
    home: Project,
    warehouse: Path,
    before: Contents,
    command: str,
    option: str,
) -> None:
    success, said = dbt(home, warehouse, *COMMANDS[command], *OPTIONS[option])
    assert contents(warehouse) == before
    # A selection without a node of the command's kind.
    if "Nothing to do" in said:
        assert "--select" in OPTIONS[option]
    elif (command, option) not in WORKING:
        assert not success
        assert ADVICE.search(said), said
    # The bank's files are old, so that dbt calls them stale.
    elif command != "freshness":
        assert success, said


@pytest.mark.parametrize("name", FURTHER)
def test_no_further_command_falsifies_a_week(
    home: Project, warehouse: Path, before: Contents, state: Path, name: str
) -> None:
    command = [part.replace("{state}", str(state)) for part in FURTHER[name]]
    success, said = dbt(home, warehouse, *command)
    assert contents(warehouse) == before, said
    assert success or said


def test_the_table_has_every_command_and_option() -> None:
    left_out = set(itertools.product(COMMANDS, OPTIONS)) - set(CASES)
    assert len(CASES) > 65
    assert {option for _, option in left_out} <= {"empty", "full refresh"}


def test_retry_after_a_failure_computes_the_same_week(
    home: Project, warehouse: Path, before: Contents
) -> None:
    environment = os.environ | home._environment | {"PERSONA_ACCESS_WAREHOUSE": str(warehouse)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("dbt")
        return subprocess.run(
            [program, "--quiet", *arguments, *target],
            cwd=home.root,
            env=environment,
            capture_output=True,
            check=False,
            text=True,
        )

    target = ("--target-path", str(warehouse.parent / "target"))
    leave_parse(home.root, environment, *target)
    parent = "intermediate.int_mapping_cells"
    with opening(warehouse) as connection:
        connection.execute(f"drop view {parent}")
    assert run("run", "--select", "fct_rule_coverage").returncode == 1
    # The view exists again, as after a run; the failed nodes remain to be built.
    assert dbt(home, warehouse, "run", "--select", "int_mapping_cells")[0]
    of_older = ("--vars", f"{{as_of_date: '{WEEKS[2]}'}}")
    leave_parse(home.root, environment, *target, *of_older)
    older = run("retry", *of_older)
    assert older.returncode
    assert f"`persona-access rebuild --from {WEEKS[2]}`" in one_line(older.stdout + older.stderr)
    leave_parse(home.root, environment, *target)
    retried = run("retry")
    assert retried.returncode == 0, retried.stdout
    assert contents(warehouse) == before


def test_a_part_of_the_models_cannot_start_a_loaded_week_that_is_not_built(
    home: Project, warehouse: Path, before: Contents, tmp_path: Path
) -> None:
    other = Project(home.root, tmp_path / "data")
    shutil.copytree(home.settings.home, tmp_path / "data")
    other._dbt._manifest = home._dbt.manifest
    for feed in FEEDS:
        other.deliver(feed, NOT_BUILT, feed_text(feed_rows(feed, 3)))
    other.load()
    success, said = dbt(other, warehouse, "run", "--select", "fct_access_reconciliation")
    assert not success
    assert f"computes the week {NOT_BUILT}" in said
    assert re.search(rf"which it reads, holds? the week {NEWEST}", said)
    assert "`persona-access build`" in said
    on_built = ("--vars", f"{{as_of_date: {NEWEST}}}")
    assert dbt(other, warehouse, "run", "--select", "fct_access_reconciliation", *on_built)[0]
    assert dbt(other, warehouse, "test", "--select", "fct_access_reconciliation")[0]
    assert contents(warehouse) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{mover_grace_days: fourteen}", "mover_grace_days is 'fourteen'; allowed: a whole number"),
        ("{mover_grace_day: 3}", "mover_grace_days is probably meant"),
        ("{finding_sla_days: 3}", "finding_sla_days is '3'; allowed: a mapping of names to values"),
    ],
)
def test_a_var_on_the_command_line_is_checked_as_one_of_the_project(
    home: Project, warehouse: Path, before: Contents, given: str, said: str
) -> None:
    success, found = dbt(home, warehouse, "run", "--select", "fct_movements", "--vars", given)
    assert not success
    assert said in found
    assert contents(warehouse) == before


def test_a_command_that_was_killed_leaves_tables_of_no_known_week(
    home: Project, warehouse: Path
) -> None:
    with opening(warehouse) as connection:
        connection.execute("delete from runs.written_tables where node_id like '%int_rule_matches'")
    success, said = dbt(home, warehouse, "run", "--select", "fct_rule_coverage")
    assert not success
    assert "int_rule_matches, which it reads, holds no whole week" in said
    assert "`dbt build`" in said
