"""Spare dbt what no build of this command line reads: half of what dbt itself costs a small week.

Each saving, with its measured gain, is a line in DECISIONS.md. A bare `dbt` is left as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

# What comes before the first common table expression of a query: comments and `with`.
_UP_TO_WITH = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with(?:\s+recursive)?\b\s*", re.IGNORECASE | re.DOTALL
)


@cache
def spare_dbt(read_events: frozenset[str]) -> None:
    """Apply all savings in this process; of quiet events, these alone are built."""
    if os.environ.get("DBT_LOG_LEVEL_FILE", "none") == "none":
        _build_no_unread_events(read_events)
    _write_no_compiled_files()
    _compile_templates_once()
    _make_type_testers_once()
    _find_with_by_pattern()


def _build_no_unread_events(read_events: frozenset[str]) -> None:
    """Build none of the 6,000 debug messages of a week, which dbt words before it drops them."""
    from dbt_common.events.base_types import BaseEvent, DebugLevel
    from dbt_common.events.event_manager import EventManager

    build, fire = BaseEvent.__init__, EventManager.fire_event

    def is_unread(event: Any) -> bool:
        return isinstance(event, DebugLevel) and type(event).__name__ not in read_events

    def build_read(self: Any, *args: Any, **kwargs: Any) -> None:
        if not is_unread(self):
            build(self, *args, **kwargs)

    def fire_read(self: Any, e: Any, *args: Any, **kwargs: Any) -> None:
        if not is_unread(e):
            fire(self, e, *args, **kwargs)

    BaseEvent.__init__ = build_read  # type: ignore[method-assign]
    EventManager.fire_event = fire_read  # type: ignore[method-assign]


def _write_no_compiled_files() -> None:
    """Write no file below target/ for each node, of what it says and of what ran."""
    from dbt.contracts.graph.nodes import ParsedNode

    ParsedNode.write_node = lambda *_: None  # type: ignore[method-assign]


def _compile_templates_once() -> None:
    """Compile each text with Jinja once in a process; its values come when it is rendered."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    compile_text = MacroFuzzEnvironment.compile
    kept: dict[tuple[type, str], Any] = {}

    def compile_once(self: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or not isinstance(source, str):
            return compile_text(self, source, *args, **kwargs)
        # An environment that renders values, and not text, is a class of its own below this one.
        key = (type(self), source)
        if key not in kept:
            kept[key] = compile_text(self, source)
        return kept[key]

    MacroFuzzEnvironment.compile = compile_once  # type: ignore[method-assign]


def _make_type_testers_once() -> None:
    """Share what tells the types of a result's columns: it makes a parser of dates each time."""
    from dbt_common.clients import agate_helper

    make = lru_cache(maxsize=1000)(agate_helper.build_type_tester)

    def shared(text_columns: Iterable[str], string_null_values: Any = ("null", "")) -> Any:
        return make(tuple(text_columns), string_null_values and tuple(string_null_values))

    agate_helper.build_type_tester = shared


def _find_with_by_pattern() -> None:
    """Put ephemeral models behind the first `with` by a pattern: dbt parses the whole query."""
    from dbt import compilation

    inject = compilation.inject_ctes_into_sql

    def inject_quickly(sql: str, ctes: Sequence[Any]) -> str:
        found = _UP_TO_WITH.match(sql)
        if not ctes or not found:
            return str(inject(sql, list(ctes)))
        return f"{sql[: found.end()]}{', '.join(cte.sql for cte in ctes)}, {sql[found.end() :]}"

    compilation.inject_ctes_into_sql = inject_quickly
