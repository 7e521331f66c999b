"""The project's materializations honour or refuse a model's options; dbt's are unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

ROOT = Path(__file__).resolve().parents[3]

PROJECT = f"""
name: persona_access
profile: small
macro-paths: [{ROOT / "macros"}]
"""
PROFILE = """
small:
  target: dev
  outputs:
    dev: {{type: duckdb, path: '{folder}/w.duckdb'}}
"""
WEEKLY = "select date '2026-01-05' as as_of_date, 1 as a"

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build one model or seed in a separate project; return the result of each node by name."""

    def run(*, expected: bool = True, **files: str) -> dict[str, Any]:
        (tmp_path / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
        (tmp_path / "profiles.yml").write_text(PROFILE.format(folder=tmp_path), encoding="utf-8")
        for name, text in files.items():
            folder, _, file = name.partition("__")
            path = tmp_path / folder / file.replace("_dot_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        place = ("--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path))
        week = ("--vars", "{as_of_date: 2026-01-05}")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            outcome = dbtRunner().invoke(["--quiet", "build", *place, *week])
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        assert outcome.exception is None, outcome.exception
        assert outcome.success is expected
        return {result.node.name: result for result in outcome.result}  # type: ignore[union-attr]

    return run


def _rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_macros_of_an_adapter_are_called_in_the_namespace_of_dbt() -> None:
    # The macros of other engines are undefined only on these engines, where this suite does not
    # run.
    called = re.compile(r"\bdbt_(spark|postgres|duckdb)\.\w+\(")
    assert [
        file.name
        for file in (ROOT / "macros").rglob("*.sql")
        if called.search(file.read_text("utf-8"))
    ] == []


def test_dbts_own_materializations_keep_what_they_are_asked_for(
    build: Build, tmp_path: Path
) -> None:
    build(
        models__plain_dot_sql="""
            {{ config(materialized='table', indexes=[{'columns': ['a']}]) }} select 1 as a
        """,
        models__python_dot_py="""
def model(dbt, session):
    dbt.config(materialized="table")
    return session.sql("select 2 as a")
""",
        models__look_dot_sql="{{ config(materialized='view') }} select * from {{ ref('plain') }}",
        seeds__things_dot_csv="a;b\n1;x\n",
        seeds__things_dot_yml="seeds: [{name: things, config: {delimiter: ';'}}]",
    )
    assert _rows(tmp_path, "select table_name from duckdb_indexes()") == [("plain",)]
    assert _rows(tmp_path, "select a from main.python union all select a from look") == [(2,), (1,)]
    assert _rows(tmp_path, "select a, b from things") == [(1, "x")]


@pytest.mark.parametrize("materialized", ["replaced_table", "replaced_view", "weekly"])
def test_ours_refuse_a_config_that_they_ignore(build: Build, materialized: str) -> None:
    configs = {
        "sql_header": "'set threads = 1;'",
        "partitioned_by": "['a']",
        "partition_by": "'a'",
        "sorted_by": "['a']",
        "unique_key": "'a'",
        "incremental_strategy": "'append'",
        "on_schema_change": "'sync_all_columns'",
        "location": "'out.parquet'",
        "no_such_config": "true",
    }
    if materialized != "weekly":
        configs |= {"grants": "{'select': ['me']}", "indexes": "[{'columns': ['a']}]"}
    models = {
        f"models__asks_{name}_dot_sql": (
            f"{{{{ config(materialized='{materialized}', {name}={value}) }}}} {WEEKLY}"
        )
        for name, value in configs.items()
    }
    results = build(expected=False, **models)
    for name in configs:
        sentence = f"asks_{name} asks for {name}, which the materialization {materialized} does not"
        assert sentence in results[f"asks_{name}"].message


def test_a_weekly_table_has_the_indexes_that_it_asks_for(build: Build, tmp_path: Path) -> None:
    config = "{{ config(materialized='weekly', indexes=[{'columns': ['a']}]) }} "
    build(models__kept_dot_sql=config + WEEKLY)
    assert _rows(tmp_path, "select table_name from duckdb_indexes()") == [("kept",)]


@pytest.mark.parametrize("materialized", ["replaced_table", "replaced_view", "weekly"])
def test_ours_refuse_python(build: Build, materialized: str) -> None:
    model = f"""
def model(dbt, session):
    dbt.config(materialized="{materialized}")
    return session.sql("{WEEKLY}")
"""
    result = build(expected=False, models__asking_dot_py=model)["asking"]
    assert "python" in result.message.lower()


@pytest.mark.parametrize("materialized", ["replaced_table", "replaced_view", "weekly"])
def test_ours_run_hooks_and_describe_columns(
    build: Build, tmp_path: Path, materialized: str
) -> None:
    build(
        models__hooked_dot_sql="""{{ config(
            pre_hook='create table before_it as select 1 as a',
            post_hook='create table after_it as select * from {{ this }}'
        ) }}"""
        + WEEKLY,
        models__hooked_dot_yml=f"""
models:
  - name: hooked
    config:
      materialized: {materialized}
      persist_docs: {{columns: true}}
    columns:
      - {{name: as_of_date, description: The week.}}
      - {{name: a, description: A number.}}
""",
    )
    assert _rows(tmp_path, "select before_it.a, after_it.a from before_it, after_it") == [(1, 1)]
    comment = (
        "select comment from duckdb_columns() where table_name = 'hooked' and column_name = 'a'"
    )
    assert _rows(tmp_path, comment) == [("A number.",)]


def test_a_model_may_change_its_kind(build: Build, tmp_path: Path) -> None:
    for kind in ("replaced_view", "replaced_table", "replaced_view", "table", "replaced_view"):
        build(models__thing_dot_sql=f"{{{{ config(materialized='{kind}') }}}} select 1 as a")
    assert _rows(tmp_path, "select view_name from duckdb_views() where not internal") == [
        ("thing",)
    ]


def test_read_seed_takes_the_declared_types_and_refuses_what_it_ignores(
    build: Build, tmp_path: Path
) -> None:
    seed = "seeds: [{{name: codes, config: {{meta: {{materialization: read_seed}}, {}}}}}]"
    types = "column_types: {code: varchar, day: date}"
    files = {"seeds__codes_dot_csv": "code,day\n007,2026-01-05\n"}
    build(**files, seeds__codes_dot_yml=seed.format(types))
    assert _rows(tmp_path, "select code, cast(day as varchar) from codes") == [
        ("007", "2026-01-05")
    ]

    asking = seed.format(types + ", delimiter: ';'")
    result = build(expected=False, **files, seeds__codes_dot_yml=asking)["codes"]
    assert "codes asks for delimiter, which the materialization read_seed" in result.message


def test_a_model_that_breaks_its_contract_fails(build: Build) -> None:
    columns = {
        "in_order": "date '2026-01-05' as as_of_date, 1 as a",
        "in_another_order": "1 as a, date '2026-01-05' as as_of_date",
        "another_type": "date '2026-01-05' as as_of_date, cast(1 as bigint) as a",
        "another_name": "date '2026-01-05' as as_of_date, 1 as b",
        "more": "date '2026-01-05' as as_of_date, 1 as a, 2 as b",
        "fewer": "date '2026-01-05' as as_of_date",
    }
    kinds = ("replaced_table", "replaced_view", "weekly", "table")
    contract = """
  - name: {}
    config: {{contract: {{enforced: true}}}}
    columns: [{{name: as_of_date, data_type: date}}, {{name: a, data_type: integer}}]
"""
    names = [(f"{kind}_{name}", kind, sql) for kind in kinds for name, sql in columns.items()]
    files = {"models__all_dot_yml": "models:" + "".join(contract.format(it[0]) for it in names)}
    # For a weekly table with earlier weeks, other code compares the contract.
    for is_first in (True, False):
        for name, kind, sql in names:
            text = columns["in_order"] if is_first else sql
            config = "{{ config(materialized='" + kind + "') }} "
            files[f"models__{name}_dot_sql"] = f"{config} select {text}"
        results = build(expected=is_first, **files)
    broken = {name for name, result in results.items() if "contract" in str(result.message)}
    assert broken == {name for name, _, _ in names if "_order" not in name}
