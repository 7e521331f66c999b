"""If a warehouse was changed by hand, publish and evidence refuse it, and build rebuilds it."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from persona_access.audit.mart_hashes import changed_marts
from persona_access.audit.record import record_found_builds
from persona_access.base.warehouse import reading
from persona_access.weeks.plan import plan_build
from scenarios.bank import WEEKS
from scenarios.project import Project

NEWEST = WEEKS[3]
UPDATE = "update marts.fct_access_reconciliation set"


@pytest.fixture
def project(built_bank: Project, tmp_path: Path) -> Project:
    """Copy the bank's files and warehouse; record the results of its builds in the audit log."""
    shutil.copytree(built_bank.settings.home, tmp_path / "data")
    copy = built_bank.with_home(tmp_path / "data")
    record_found_builds(copy.settings)
    with duckdb.connect(str(copy.settings.warehouse)) as connection:
        # Its weeks were built without tests; here they count as passed.
        connection.execute("update runs.test_results set test_status = 'pass'")
    return copy


def change(project: Project, statement: str) -> None:
    with duckdb.connect(str(project.settings.warehouse)) as connection:
        connection.execute(statement)


def test_what_was_built_is_as_it_was_built(project: Project) -> None:
    assert changed_marts(project.settings) == {}
    (numbers,) = project.query("select count(distinct mart_name) as n from runs.mart_hashes")
    assert numbers["n"] > 20


@pytest.mark.parametrize(
    ("statement", "week", "mart"),
    [
        (
            f"{UPDATE} reconciliation_status = 'match' where as_of_date = '{NEWEST}'",
            NEWEST,
            "fct_access_reconciliation",
        ),
        (
            f"{UPDATE} is_privileged = not is_privileged where as_of_date = '{WEEKS[1]}'",
            WEEKS[1],
            "fct_access_reconciliation",
        ),
        (
            f"delete from marts.fct_reconciliation_by_week where as_of_date = '{WEEKS[2]}'",
            WEEKS[2],
            "fct_reconciliation_by_week",
        ),
        ("delete from marts.dim_employees where brid = '5004'", NEWEST, "dim_employees"),
        ("drop table marts.dim_employees cascade", NEWEST, "dim_employees"),
        ("alter table marts.dim_employees drop column full_name", NEWEST, "dim_employees"),
        # The next week would classify a person as a leaver, and a page would show something else.
        (
            f"delete from intermediate.int_employee_weeks where as_of_date = '{WEEKS[2]}'",
            WEEKS[2],
            "int_employee_weeks",
        ),
        (
            f"update snapshots.snap_headcount set brid = '' where dbt_valid_from = '{NEWEST}'",
            NEWEST,
            "snap_headcount",
        ),
        (
            "create or replace view reporting.rpt_people as select 'nobody' as brid",
            NEWEST,
            "rpt_people",
        ),
    ],
)
def test_a_changed_mart_is_named_and_its_week_planned(
    project: Project, statement: str, week: date, mart: str
) -> None:
    change(project, statement)
    assert changed_marts(project.settings) == {week: [mart]}
    plan = plan_build(project.settings)
    assert plan.weeks == [other for other in WEEKS.values() if other >= week]
    assert any(f"{week} changed since its build: {mart}" in r for r in plan.reasons)


def test_a_statement_that_dbt_ran_is_an_edit_like_any_other(project: Project) -> None:
    statement = "delete from marts.dim_employees where brid = '5004'"
    outcome = project._dbt.invoke(
        "run-operation", "run_query", "--args", json.dumps({"sql": statement})
    )
    assert outcome.success
    assert project.query("select brid from marts.dim_employees where brid = '5004'") == []
    assert changed_marts(project.settings) == {NEWEST: ["dim_employees"]}


def test_the_numbers_cannot_be_changed_along_with_the_rows(project: Project) -> None:
    change(
        project,
        "update marts.fct_access_reconciliation set is_privileged = not is_privileged;"
        "update runs.mart_hashes as old set content_hash = (select sum(cast(hash(columns_of) as "
        "hugeint)) from (select 1 as columns_of)) where mart_name = 'fct_access_reconciliation'",
    )
    assert set(changed_marts(project.settings)) == set(WEEKS.values())


def test_a_column_added_to_the_stored_table_changes_nothing(project: Project) -> None:
    change(project, "alter table marts.fct_reconciliation_by_week add column n_new integer")
    assert changed_marts(project.settings) == {}


def test_numbers_of_another_duckdb_say_nothing(project: Project) -> None:
    change(project, "update runs.mart_hashes set engine = 'v0.0.1', content_hash = '1'")
    assert changed_marts(project.settings) == {}


def test_publish_and_evidence_refuse_and_build_ends_it(project: Project) -> None:
    change(
        project,
        f"delete from marts.dim_employees where brid = '5004' and as_of_date = '{NEWEST}'",
    )
    for command in (("publish", "--full"), ("evidence", "--week", str(NEWEST))):
        refused = project.run(*command)
        assert isinstance(refused.exception, SystemExit), refused.exception
        said = " ".join(refused.output.split())
        assert refused.exit_code == 1, said
        assert f"The week {NEWEST} changed since its build: dim_employees." in said
        assert "`persona-access build` builds it and all later weeks again" in said
    project.build_models(NEWEST)
    assert changed_marts(project.settings) == {}
    with reading(project.settings.warehouse) as connection:
        assert connection.sql("from marts.dim_employees where brid = '5004'").fetchall()
