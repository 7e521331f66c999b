"""What is spared of dbt changes no result: see the savings in DECISIONS.md."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from dbt import compilation
from dbt.artifacts.resources.v1.components import InjectedCTE
from dbt.clients.jinja import get_rendered
from dbt_common.clients import agate_helper
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note
from dbt_common.exceptions.events import EventCompilationError

from persona_access.base import dbt_savings
from persona_access.base.dbt import READ_EVENTS, disk_fault

CTES = [InjectedCTE(id="a", sql=" __dbt__cte__a as (\nselect 1\n)")]
# dbt's own, before any test spares it.
INJECT = compilation.inject_ctes_into_sql


@pytest.fixture(autouse=True)
def _spared() -> None:
    dbt_savings.spare_dbt(READ_EVENTS)


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
