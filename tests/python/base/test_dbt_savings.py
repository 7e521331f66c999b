"""The savings in dbt (DECISIONS.md) do not change any result."""

from __future__ import annotations

import gc
import json
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt import compilation
from dbt.adapters.duckdb.impl import DuckDBAdapter
from dbt.artifacts.resources.types import NodeType
from dbt.artifacts.resources.v1.components import InjectedCTE
from dbt.clients.jinja import MacroGenerator, MacroStack, get_rendered
from dbt.context.macros import MacroNamespaceBuilder
from dbt.contracts.graph.nodes import Macro
from dbt.contracts.project import Project as ProjectConfig
from dbt.exceptions import PackageNotFoundForMacroError
from dbt_common.clients import agate_helper
from dbt_common.dataclass_schema import dbtClassMixin
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note
from dbt_common.exceptions import CompilationError
from dbt_common.exceptions.events import EventCompilationError
from dbt_common.exceptions.macros import CaughtMacroErrorWithNodeError, MacroReturn
from jinja2 import sandbox
from mashumaro.jsonschema import build_json_schema

from persona_access.base import dbt_savings
from persona_access.base.dbt import COUNTED_EVENTS, READ_EVENTS, DbtProject, disk_fault
from persona_access.base.warehouse import opening
from scenarios.project import Project

CTES = [InjectedCTE(id="a", sql=" __dbt__cte__a as (\nselect 1\n)")]
# dbt's own functions, before a test applies the savings.
INJECT, BUILD = compilation.inject_ctes_into_sql, MacroNamespaceBuilder.build_namespace
INTERNAL = sandbox.is_internal_attribute
DERIVE = vars(dbtClassMixin)["json_schema"]


@pytest.fixture(autouse=True)
def _spared() -> None:
    dbt_savings.spare_dbt(READ_EVENTS, COUNTED_EVENTS)


@pytest.mark.parametrize(
    "sql",
    [
        "with\n\nb as (select 2)\n\nselect * from b",
        "-- Why with is here.\nwith b as (select 2) select * from b",
        "/* with */\n-- twice\n\nWITH b as (select 'with' as c) select * from b",
        "with recursive b as (select 2) select * from b",
        "select * from __dbt__cte__a",
        "-- a comment only\nselect 'with b as' from __dbt__cte__a",
        "within",
    ],
)
def test_ephemeral_models_stand_where_dbt_puts_them(sql: str) -> None:
    assert compilation.inject_ctes_into_sql(sql, CTES) == INJECT(sql, CTES)
    assert compilation.inject_ctes_into_sql(sql, []) == sql


def test_a_cycle_of_models_is_named_still() -> None:
    linker: Any = compilation.Linker()
    linker.dependency("b", "a")
    assert linker.find_cycles() is None
    linker.dependency("a", "b")
    assert linker.find_cycles() in ("a --> b", "b --> a")


@pytest.mark.parametrize("kept", [None, "{", '{"versions": [], "schemas": {}}'])
def test_schemas_of_a_file_are_those_that_dbt_derives(
    kept: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A project that was read before has put its file in dbt's place.
    monkeypatch.setattr(dbtClassMixin, "json_schema", DERIVE)
    derived = build_json_schema(ProjectConfig).to_dict()
    file = tmp_path / "json_schemas.json"
    if kept:
        file.write_text(kept)
    store = dbt_savings.keep_json_schemas.__wrapped__(tmp_path)
    assert ProjectConfig.json_schema() == derived
    store()
    written = file.read_bytes()
    store = dbt_savings.keep_json_schemas.__wrapped__(tmp_path)
    assert ProjectConfig.json_schema() == derived
    store()
    assert file.read_bytes() == written
    (schema,) = json.loads(written)["schemas"].values()
    assert schema == derived


def test_unread_messages_are_not_built_and_all_others_are() -> None:
    from dbt.adapters.events.types import SQLQuery
    from dbt.events.types import JinjaLogInfo, LogTestResult, NodeFinished

    names: list[str] = []
    events = EventManager()
    events.add_callback(lambda message: names.append(message.info.name))
    events.fire_event(SQLQuery(conn_name="main", sql="select 1"))
    assert "pb_msg" not in vars(SQLQuery(conn_name="main", sql="select 1"))
    events.fire_event(JinjaLogInfo(msg="Week as of 2026-01-05"))
    events.fire_event(NodeFinished())
    events.fire_event(LogTestResult(name="a"))
    assert names == ["JinjaLogInfo", "NodeFinished", "LogTestResult"]


def test_a_warning_is_an_error_still() -> None:
    events = EventManager()
    events.warn_error = True
    with pytest.raises(EventCompilationError, match="a fault"):
        events.fire_event(Note(msg="a fault"), force_warn_or_error_handling=True)


@pytest.mark.parametrize("native", [True, False])
def test_a_text_that_is_compiled_once_is_rendered_each_time(native: bool) -> None:
    text = "{% set found = value %}{{ found }}"
    found = [get_rendered(text, {"value": value}, native=native) for value in (1, 2)]
    assert found == ([1, 2] if native else ["1", "2"])


def test_results_have_the_types_that_dbt_gives_them() -> None:
    rows: list[dict[str, Any]] = [{"n": 1, "text": "null"}, {"n": None, "text": "2026-01-05"}]
    for _ in range(2):
        table = agate_helper.table_from_data_flat(rows, ["n", "text"])
        assert [tuple(row) for row in table.rows] == [(1, "null"), (None, "2026-01-05")]


def test_a_macro_is_found_where_dbt_finds_it(build_macros: Any) -> None:
    ours, theirs = build_macros(MacroNamespaceBuilder.build_namespace), build_macros(BUILD)
    for name in ("a", "b", "c", "nothing"):
        assert _id(ours.get(name)) == _id(theirs.get(name))
        assert (name in ours) == (name in theirs)
        for package in (None, "mine", "other", "dbt"):
            found = ours.get_from_package(package, name)
            assert _id(found) == _id(theirs.get_from_package(package, name))
    assert _id(ours["other"]["a"]) == _id(theirs["other"]["a"]) == "other.a"
    with pytest.raises(PackageNotFoundForMacroError):
        ours.get_from_package("unknown", "a")


@pytest.fixture
def build_macros() -> Any:
    """Register the macros of three packages, two of which have the same names."""
    packages: dict[str, Any] = {
        package: {name: Macro(**_macro(package, name)) for name in names}
        for package, names in {"mine": "ab", "other": "ac", "dbt": "abc", "dbt_duckdb": "b"}.items()
    }
    stack = MacroStack()  # type: ignore[no-untyped-call]
    builder = MacroNamespaceBuilder("mine", "mine", stack, ["dbt_duckdb", "dbt"])
    return lambda build: build(builder, packages, {})


def _macro(package: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": NodeType.Macro,
        "package_name": package,
        "path": "a.sql",
        "original_file_path": "a.sql",
        "unique_id": f"{package}.{name}",
        "macro_sql": "",
    }


def _id(found: Any) -> Any:
    return found and found.macro.unique_id


def test_garbage_is_collected_again_after_dbt_has_started() -> None:
    with dbt_savings.starting_dbt():
        assert not gc.isenabled()
    assert gc.isenabled()
    with suppress(ValueError), dbt_savings.starting_dbt():
        raise ValueError
    assert gc.isenabled()


def test_a_macro_returns_and_fails_as_in_dbt(called: Any) -> None:
    assert called("{% macro a(n) %}{{ return([n, 1]) }}{% endmacro %}", 2) == [2, 1]
    assert called("{% macro a(n) %}text {{ n }}{% endmacro %}", 2) == "text 2"
    with pytest.raises(CaughtMacroErrorWithNodeError, match="unsupported operand"):
        called("{% macro a(n) %}{{ n + 'text' }}{% endmacro %}", 2)
    with pytest.raises(CompilationError, match=r"a refusal\s+> in macro a \(a.sql\)"):
        called("{% macro a() %}{{ refuse() }}{% endmacro %}")


@pytest.fixture
def called() -> Any:
    """Call a macro twice, and check what dbt notes of its calls."""

    def give_back(value: Any) -> None:
        raise MacroReturn(value)

    def refuse() -> None:
        raise CompilationError("a refusal")

    def call(text: str, *args: Any) -> Any:
        stack: Any = MacroStack()  # type: ignore[no-untyped-call]
        noted: list[str] = []
        macro = Macro(**{**_macro("mine", "a"), "macro_sql": text})
        depends_on = SimpleNamespace(add_macro=noted.append)
        generator = MacroGenerator(
            macro,
            {"return": give_back, "refuse": refuse},
            SimpleNamespace(depends_on=depends_on),
            stack,
        )
        try:
            results = [generator(*args), generator(*args)]
        finally:
            assert stack.depth == 0
            assert set(noted) == {"mine.a"}
        assert results[0] == results[1]
        return results[0]

    return call


def test_a_sandbox_forbids_the_same_attributes() -> None:
    generator: Any = (n for n in range(1))
    objects: tuple[Any, ...] = (
        *({}, "text", 1, SimpleNamespace(), str, type, len, _id, {}.get, generator),
        *(_id.__code__, DbtProject, DbtProject._listen, ConfigOfMine()),
    )
    names = ("mro", "__class__", "__globals__", "__self__", "gi_frame", "co_code", "upper", "_a")
    for obj in objects:
        for name in names:
            assert sandbox.is_internal_attribute(obj, name) == INTERNAL(obj, name)


class ConfigOfMine(dict[str, Any]):
    """An object whose class has a metaclass and a base of Python's own."""


def test_a_contract_is_compared_again_where_its_columns_can_differ() -> None:
    described: list[str] = []

    def select(sql: str) -> tuple[None, Any]:
        described.append(sql)
        return None, SimpleNamespace(fetchall=list)

    connections = SimpleNamespace(add_select_query=select)

    def adapter(path: str, manifest: Any) -> Any:
        config = SimpleNamespace(credentials=SimpleNamespace(path=path))
        return SimpleNamespace(config=config, connections=connections, _macro_resolver=manifest)

    project, query = SimpleNamespace(), "select cast('2026-01-05' as date) as a"
    describe: Any = DuckDBAdapter.get_column_schema_from_query
    for of, sql in [
        (adapter("a.duckdb", project), query),
        (adapter("a.duckdb", project), query.replace("05", "12")),
        (adapter("b.duckdb", project), query),
        (adapter("a.duckdb", SimpleNamespace()), query),
        (adapter("a.duckdb", project), query.replace("as date", "as text")),
    ]:
        assert describe(of, sql) == []
    assert len(described) == 4


def test_a_kept_text_is_the_text_of_any_week(built_bank: Project, tmp_path: Path) -> None:
    """`dbt_templates` must know every week-dependent name; otherwise a week gets another's text."""
    project = built_bank.copy(tmp_path / "bank")
    texts = []
    for _ in range(2):
        dbt = DbtProject(project.settings)
        assert dbt.invoke("compile").success
        texts.append(
            {
                # The kept text is from before ephemeral models are inserted, because these can
                # depend on a week.
                node.unique_id: vars(node).get("_kept_text") or node.compiled_code
                for node in dbt.manifest.nodes.values()
                if hasattr(node, "compiled_code")
            }
        )
        # A second command in the process reads the texts that the first one kept; seeds have no
        # text.
        assert dbt.invoke("compile", "--select", "+fct_rule_coverage").success
        with opening(project.settings.warehouse) as connection:
            connection.execute(
                "update raw.week_extracts set as_of_date = as_of_date - 7, load_id = 'x', "
                "extract_date = extract_date - 7, version = version + 1"
            )
    kept = {name for name, text in texts[0].items() if isinstance(text, tuple)}
    assert len(kept) > 50
    assert {name: texts[0][name] for name in kept} == {name: texts[1][name] for name in kept}
    assert any(texts[0][name] != texts[1][name] for name in texts[0].keys() - kept)


@pytest.mark.parametrize(
    ("said", "status", "fault"),
    [
        (
            'Could not write file "w.wal": No space left on device',
            "error",
            "No space left on device",
        ),
        ("IO Error: Read-only file system", "runtime error", "Read-only file system"),
        ("Got 1 result, configured to fail if != 0", "fail", ""),
        ("No space left on device", "success", ""),
    ],
)
def test_what_a_disk_refuses_is_found_in_what_dbt_says(said: str, status: str, fault: str) -> None:
    result = SimpleNamespace(message=said, status=status)
    outcome = SimpleNamespace(exception=None, result=SimpleNamespace(results=[result]))
    assert disk_fault(outcome) == fault
    if fault:
        assert disk_fault(SimpleNamespace(exception=RuntimeError(said), result=None)) == fault
