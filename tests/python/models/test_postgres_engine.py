"""The models on a real PostgreSQL: results of macros, and read rights on the marts."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import psycopg
import pytest

from persona_access.base.errors import MachineError, SettingsError
from persona_access.outputs.postgres import raw_layer
from persona_access.outputs.postgres.connect import connected
from persona_access.outputs.postgres.raw_layer import copy_raw_layer
from persona_access.outputs.postgres.structure import Served
from postgres_server import Server, make_database, postgres_server
from scenarios.bank import FEEDS, WEEKS, deliver_week, feed_rows, feed_text, seeds
from scenarios.project import ROOT, Project, make_project

ENGINE = ROOT / "deploy" / "postgres"
DATABASE = "persona_access_dev"
NO_RIGHT = psycopg.errors.InsufficientPrivilege


class Engine(NamedTuple):
    """A bank's project, and the PostgreSQL that holds its raw layer."""

    project: Project
    server: Server
    environment: dict[str, str]

    def copy(self) -> tuple[int, int]:
        """Copy the raw layer; return loads and rows."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            with connected(os.environ) as connection, duckdb.connect() as files:
                return copy_raw_layer(connection, files, self.project.settings)

    def rows(self, query: str, user: str = "postgres") -> list[tuple[object, ...]]:
        """Query the database that dbt built."""
        with self.server.connect(user, DATABASE) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Load a week of the invented bank beside a server with an empty database."""
    with postgres_server(is_installed_preferred=True) as server:
        environment = make_database(server)
        with server.connect("postgres", DATABASE) as connection:
            icu = "select count(*) from pg_collation where collname = 'und-x-icu'"
            if connection.execute(icu).fetchone() == (0,):
                pytest.skip("this PostgreSQL has no ICU, by which the models fold letters")
        project = make_project(tmp_path_factory.mktemp("engine") / "project", seeds())
        deliver_week(project, 1)
        project.load()
        yield Engine(project, server, environment)


@pytest.fixture(scope="module")
def first_copy(engine: Engine) -> tuple[int, int]:
    """Copy the raw layer for the first time; return loads and rows."""
    return engine.copy()


def in_the_home(engine: Engine, feed: str) -> list[tuple[object, ...]]:
    """Read all rows of a feed as DuckDB does; the empty contract has none."""
    files = engine.project.settings.raw / feed
    with duckdb.connect() as connection:
        found = connection.sql(
            f"from read_parquet('{files}/*/*/rows.parquet', union_by_name = true)"
        )
        return sorted(found.project("* exclude (loaded_at)").fetchall(), key=repr)


def in_the_server(engine: Engine, feed: str) -> list[tuple[object, ...]]:
    """Read the same columns of the copy."""
    with duckdb.connect() as connection:
        files = engine.project.settings.raw / feed
        names = connection.sql(
            f"from read_parquet('{files}/*/*/rows.parquet', union_by_name = true)"
        ).columns
    columns = ", ".join(name for name in names if name != "loaded_at")
    return sorted(engine.rows(f"select {columns} from raw.{feed}"), key=repr)


def test_what_is_new_is_copied_and_nothing_twice(
    engine: Engine, first_copy: tuple[int, int]
) -> None:
    n_loads, n_rows = first_copy
    assert n_loads == len(FEEDS)
    assert n_rows == sum(len(in_the_home(engine, feed)) for feed in FEEDS) > 0
    assert engine.copy() == (0, 0)
    # A corrected delivery is a separate version.
    members = feed_rows("persona_members", 1)
    engine.project.deliver("persona_members", WEEKS[1], feed_text(members[:-1]))
    engine.project.load()
    assert engine.copy() == (1, len(members) - 1)
    # Loads that are no longer in the home, as after `prune`, are no longer in the server.
    ledger = engine.project.settings.raw / "load_ledger"
    record = ledger / f"persona_members_{WEEKS[1]}_v1.json"
    kept = record.read_text()
    record.write_text(kept.replace('"loaded"', '"removed"'))
    engine.copy()
    versions = "select distinct version from raw.persona_members"
    assert engine.rows(versions) == [(2,)]
    record.write_text(kept)
    assert engine.copy() == (1, len(members))
    for feed in FEEDS:
        assert in_the_server(engine, feed) == in_the_home(engine, feed)


@pytest.mark.usefixtures("first_copy")
def test_loads_of_another_home_are_not_deleted(engine: Engine) -> None:
    ledger = engine.project.settings.raw / "load_ledger"
    ledger.rename(ledger.with_name("elsewhere"))
    try:
        with pytest.raises(SettingsError, match="PERSONA_ACCESS_HOME"):
            engine.copy()
    finally:
        ledger.with_name("elsewhere").rename(ledger)
    assert in_the_server(engine, FEEDS[0]) == in_the_home(engine, FEEDS[0])


@pytest.mark.usefixtures("first_copy")
def test_locks_that_anybody_may_hold_stop_no_copy(engine: Engine) -> None:
    engine.server.sql("create role curious login")
    with engine.server.connect("postgres", DATABASE, autocommit=True) as owner:
        owner.execute(
            "grant usage on schema raw to curious; grant select on raw.records to curious"
        )
    try:
        with engine.server.connect("curious", DATABASE) as reader:
            reader.execute("select pg_advisory_lock(hashtext('persona_access.raw'))")
            reader.execute("lock table raw.records in access share mode")
            assert engine.copy() == (0, 0)
    finally:
        with engine.server.connect("postgres", DATABASE, autocommit=True) as owner:
            owner.execute("drop owned by curious")
        engine.server.sql("drop role curious")


@pytest.mark.usefixtures("first_copy")
def test_two_copies_at_once_end_in_a_sentence(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_layer, "_LOCK_SECONDS", 1)
    with engine.server.connect("postgres", DATABASE) as other:
        other.execute("lock table raw.records in exclusive mode")
        with pytest.raises(MachineError, match="Another process is copying"):
            engine.copy()
        other.rollback()
    assert engine.copy() == (0, 0)


@pytest.mark.usefixtures("first_copy")
def test_a_load_that_another_copy_brought_is_not_copied_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = "persona_members"
    lock = raw_layer._lock_records

    def after_the_other(cursor: psycopg.Cursor) -> None:
        lock(cursor)
        cursor.execute(
            b"insert into raw.records select 'load_ledger', file, record from raw.records "
            b"where folder = 'forgotten'"
        )

    with engine.server.connect("postgres", DATABASE, autocommit=True) as owner:
        owner.execute(
            "update raw.records set folder = 'forgotten' where folder = %s and file = %s",
            ["load_ledger", f"{feed}_{WEEKS[1]}_v1"],
        )
        monkeypatch.setattr(raw_layer, "_lock_records", after_the_other)
        with pytest.raises(MachineError, match="Another process is copying"):
            engine.copy()
        monkeypatch.setattr(raw_layer, "_lock_records", lock)
        owner.execute("update raw.records set folder = 'load_ledger' where folder = 'forgotten'")
    assert engine.copy() == (0, 0)
    assert in_the_server(engine, feed) == in_the_home(engine, feed)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder where dbt keeps its parse for PostgreSQL."""
    return tmp_path_factory.mktemp("target")


@pytest.fixture(scope="module")
def manifest(engine: Engine, first_copy: tuple[int, int], target: Path) -> dict[str, Any]:
    """Build every model in PostgreSQL, run the macro unit tests, and return dbt's manifest."""
    dbt = ENGINE / ".venv" / "bin" / "dbt"
    if not dbt.exists():
        pytest.skip("dbt for PostgreSQL is not installed; `make pytest` installs it")
    lifted = engine.project.settings.accepted_gates / "invented.json"
    lifted.parent.mkdir()
    lifted.write_text(json.dumps({"as_of_date": f"{WEEKS[1]}", "gate": "feed_late"}))
    assert first_copy
    engine.copy()
    home = {"PERSONA_ACCESS_HOME": str(engine.project.settings.home)}
    kinds = ("resource_type:seed", "resource_type:model", "resource_type:snapshot")
    done = subprocess.run(
        [
            *(
                dbt,
                "build",
                "--profiles-dir",
                ENGINE,
                "--target-path",
                target,
                "--log-path",
                target,
            ),
            *("--select", *kinds, "tag:macro_unit_test", "--indirect-selection", "empty"),
        ],
        cwd=ROOT,
        env=os.environ | engine.environment | home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((target / "run_results.json").read_text())["results"]
    passed = {result["unique_id"].split(".")[2] for result in results if result["status"] == "pass"}
    assert passed == {file.stem for file in (ROOT / "tests" / "macros").glob("*.sql")}
    return dict(json.loads((target / "manifest.json").read_text()))


def test_each_mart_is_read_by_whom_it_is_declared_for(
    engine: Engine, manifest: dict[str, Any]
) -> None:
    declared = {
        f"{node['schema']}.{node['name']}": node["config"]["meta"]["published"]["audience"]
        for node in manifest["nodes"].values()
        if node["config"].get("meta", {}).get("published")
    }
    ((group),) = manifest["groups"].values()
    audiences = group["config"]["meta"]["audiences"]
    assert declared
    for name, audience in declared.items():
        for reader in audiences:
            role = Served("dev").role(reader)
            found = engine.rows(f"select has_table_privilege('{role}', '{name}', 'select')")
            assert found == [(audience.get(reader) == "all",)], (name, reader)
    everything = "select count(*) from pg_class where has_table_privilege('{}', oid, 'insert')"
    assert engine.rows(everything.format(Served("dev").role("auditors"))) == [(0,)]


def test_a_gate_that_somebody_lifted_is_lifted_here(
    engine: Engine, manifest: dict[str, Any]
) -> None:
    assert manifest
    lifted = "select as_of_date, gate, because from runs.accepted_gates"
    assert engine.rows(lifted) == [(WEEKS[1], "feed_late", None)]


def test_a_login_reads_what_its_role_may_and_is_refused_the_rest(
    engine: Engine, manifest: dict[str, Any]
) -> None:
    assert manifest
    for login, audience in {"inspector": "auditors", "boss": "managers"}.items():
        engine.server.sql(f"create role {login} login")
        engine.server.sql(f"grant {Served('dev').role(audience)} to {login}")
    fact = "select count(*) from marts.fct_access_reconciliation"
    ((n_rows,),) = engine.rows(fact, "inspector")
    assert n_rows
    for login, query in (
        ("boss", fact),
        ("inspector", "select count(*) from intermediate.int_employees"),
        ("inspector", "select count(*) from raw.hr_headcount"),
        ("inspector", "delete from marts.dim_employees"),
    ):
        with pytest.raises(NO_RIGHT):
            engine.rows(query, login)


def test_a_stored_weekly_table_follows_its_model_within_limits(
    engine: Engine, manifest: dict[str, Any], target: Path
) -> None:
    assert manifest
    table = "intermediate.int_application_alias_weeks"

    def dbt(*arguments: str) -> str:
        home = {"PERSONA_ACCESS_HOME": str(engine.project.settings.home)}
        folders = ("--profiles-dir", ENGINE, "--target-path", target, "--log-path", target)
        done = subprocess.run(
            [ENGINE / ".venv" / "bin" / "dbt", *arguments, *folders],
            cwd=ROOT,
            env=os.environ | engine.environment | home,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def alter(statement: str) -> None:
        with engine.server.connect("postgres", DATABASE, autocommit=True) as connection:
            connection.execute(statement.encode())

    build = ("run", "--select", "int_application_alias_weeks")
    alter(f"alter table {table} drop column application_spelling cascade")
    assert "has the new column application_spelling" in dbt(*build)
    # With a week that is stored, a changed type is refused until somebody converts it.
    alter(f"insert into {table} (as_of_date) values ('2025-12-29')")
    alter(f"alter table {table} alter column application_id type varchar(40)")
    refused = dbt(*build)
    assert "application_id is stored as character varying(40), and its model now says text" in (
        " ".join(refused.split())
    )
    arguments = "{model: int_application_alias_weeks, column: application_id}"
    assert "alter column application_id type text" in dbt(
        "run-operation", "migrate_column", "--args", arguments
    )
    assert "ERROR=0" in dbt(*build)
