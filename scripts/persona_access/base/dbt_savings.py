"""Skip dbt work whose result no command reads; this halves dbt's own time for a small week.

Each saving, with its measured gain, is a line in DECISIONS.md. A bare `dbt` command is unaffected.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from persona_access.base.files import write_atomically

# The start of a query before its first common table expression: comments and `with`.
_UP_TO_WITH = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with(?:\s+recursive)?\b\s*", re.IGNORECASE | re.DOTALL
)

# A date in a query, with its quotes.
_DATE = re.compile(r"'\d{4}-\d\d-\d\d'")


@cache
def spare_dbt(read_events: frozenset[str], counted_events: frozenset[str]) -> None:
    """Apply all savings in this process; dbt builds only the quiet events in these two sets.

    Only the names of counted events are read, so they have no content.
    """
    from persona_access.base.dbt_templates import spare_templates

    if os.environ.get("DBT_LOG_LEVEL_FILE", "none") == "none":
        _build_no_unread_events(read_events, counted_events)
        _say_nothing_of_nodes()
    _write_no_compiled_files()
    _make_tables_of_results_once()
    _find_with_by_pattern()
    _comment_on_no_query()
    _find_relations_by_name()
    _describe_nodes_once()
    _describe_queries_once()
    _name_each_schema_once()
    _link_graph_quickly()
    spare_templates()


@contextmanager
def starting_dbt() -> Iterator[None]:
    """Import dbt and read its parsed project with less work: nothing that they create is garbage.

    mashumaro writes and compiles two functions for each of dbt's several hundred classes; here, it
    does so for those that are used.
    """
    from mashumaro.config import BaseConfig

    BaseConfig.lazy_compilation = True
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@cache
def keep_json_schemas(folder: Path) -> Callable[[], None]:
    """Read what dbt validates its settings and nodes by from a file; return what writes the file.

    dbt derives these schemas from its classes in every process. The file is of one version of the
    packages that decide them.
    """
    from dbt_common.dataclass_schema import dbtClassMixin

    file = folder / "json_schemas.json"
    packages = ("dbt-core", "dbt-common", "dbt-adapters", "dbt-duckdb", "mashumaro")
    versions = [importlib.metadata.version(name) for name in packages]
    derive: Any = vars(dbtClassMixin)["json_schema"].__func__
    known: dict[str, Any] = {}
    # Otherwise none was kept, or the file is damaged.
    with suppress(OSError, ValueError, TypeError, KeyError):
        said = json.loads(file.read_text("utf-8"))
        if said["versions"] == versions:
            known |= said["schemas"]
    n_kept = len(known)

    def kept(cls: type[Any]) -> Any:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if name not in known:
            known[name] = derive(cls)
        return known[name]

    def store() -> None:
        if len(known) > n_kept:
            with suppress(OSError):
                write_atomically(file, json.dumps({"versions": versions, "schemas": known}))

    dbtClassMixin.json_schema = classmethod(kept)  # type: ignore[assignment,method-assign]
    return store


def _build_no_unread_events(read: frozenset[str], counted: frozenset[str]) -> None:
    """Do not build the 6,000 quiet messages of a week: dbt formats each before it drops it."""
    from dbt_common.events.base_types import BaseEvent, DebugLevel, InfoLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.types import Note

    build, fire = BaseEvent.__init__, EventManager.fire_event

    def is_unread(event: Any) -> bool:
        # Settings can turn a note into a warning, and so into an error.
        is_quiet = isinstance(event, (DebugLevel, InfoLevel)) and not isinstance(event, Note)
        return is_quiet and type(event).__name__ not in read

    def build_read(self: Any, *args: Any, **kwargs: Any) -> None:
        if not is_unread(self):
            build(self, *args, **kwargs)

    def fire_read(self: Any, e: Any, *args: Any, **kwargs: Any) -> None:
        if (name := type(e).__name__) in counted:
            for callback in self.callbacks:
                callback(SimpleNamespace(info=SimpleNamespace(name=name)))
        elif not is_unread(e):
            fire(self, e, *args, **kwargs)

    BaseEvent.__init__ = build_read  # type: ignore[method-assign]
    EventManager.fire_event = fire_read  # type: ignore[method-assign]


def _write_no_compiled_files() -> None:
    """Do not write the compiled and the executed SQL of each node below target/."""
    from dbt.contracts.graph.nodes import ParsedNode

    ParsedNode.write_node = lambda *_: None  # type: ignore[method-assign]


def _make_tables_of_results_once() -> None:
    """Share one detector of column types, and one result for queries that return no columns.

    Otherwise each creates its own date parser, which is slow.
    """
    from dbt_common.clients import agate_helper

    make = lru_cache(maxsize=1000)(agate_helper.build_type_tester)

    def shared(text_columns: Iterable[str], string_null_values: Any = ("null", "")) -> Any:
        return make(tuple(text_columns), string_null_values and tuple(string_null_values))

    agate_helper.build_type_tester = shared
    agate_helper.empty_table = cache(agate_helper.empty_table)


def _find_with_by_pattern() -> None:
    """Find the first `with`, for ephemeral models, by a pattern; dbt parses the whole query."""
    from dbt import compilation

    inject = compilation.inject_ctes_into_sql

    def inject_quickly(sql: str, ctes: Sequence[Any]) -> str:
        found = _UP_TO_WITH.match(sql)
        if not ctes or not found:
            return str(inject(sql, list(ctes)))
        return f"{sql[: found.end()]}{', '.join(cte.sql for cte in ctes)}, {sql[found.end() :]}"

    compilation.inject_ctes_into_sql = inject_quickly


def _say_nothing_of_nodes() -> None:
    """Print no line for the start and end of each model: the results contain them."""
    from dbt.task.run import ModelRunner
    from dbt.task.test import TestRunner

    ModelRunner.before_execute = lambda _: None  # type: ignore[method-assign,assignment]
    ModelRunner.after_execute = lambda *_: None  # type: ignore[method-assign]
    TestRunner.before_execute = lambda _: None  # type: ignore[method-assign,assignment]


def _comment_on_no_query() -> None:
    """Write no comment above each query: dbt renders it twice for each node."""
    from dbt.adapters.base.query_headers import MacroQueryStringSetter
    from dbt.cli import requires

    vars(requires)["generate_query_header_context"] = lambda *_: {}
    MacroQueryStringSetter.set = lambda self, *_: self.comment.set("", append=False)  # type: ignore[method-assign]


def _find_relations_by_name() -> None:
    """Look up a relation by name in dbt's cache; dbt compares all relations of the schema."""
    from dbt.adapters.base.impl import BaseAdapter
    from dbt.adapters.reference_keys import _ReferenceKey

    find = BaseAdapter.get_relation

    def find_by_name(self: Any, database: str, schema: str, identifier: str) -> Any:
        if not (database and schema and identifier) or (database, schema) not in self.cache:
            return find(self, database, schema, identifier)
        key = _ReferenceKey(*map(str.lower, (database, schema, identifier)))
        found = self.cache.relations.get(key)
        if found and found.inner.identifier != identifier:
            # dbt raises its own error for a name that differs in case.
            return find(self, database, schema, identifier)
        return found and found.inner

    BaseAdapter.get_relation = find_by_name  # type: ignore[method-assign]


def _describe_nodes_once() -> None:
    """Keep the node descriptions of `graph`: each access to `graph.nodes` rebuilds all of them."""
    from dbt.contracts.graph.manifest import FlatGraphMapping

    describe = FlatGraphMapping.__getitem__

    def kept(self: Any, key: str) -> Any:
        known = vars(self).setdefault("_known", {})
        if key not in known:
            known[key] = describe(self, key)
        return known[key]

    FlatGraphMapping.__getitem__ = kept  # type: ignore[method-assign]


def _describe_queries_once() -> None:
    """Compare a model with its contract in the first week of a process, not in each.

    The columns of a query are the same for another date. They are kept for one parsed project and
    one warehouse, so models and tables of other types are compared again.
    """
    from dbt.adapters.duckdb.impl import DuckDBAdapter

    describe: Any = DuckDBAdapter.get_column_schema_from_query

    def kept(self: Any, sql: str) -> Any:
        manifest = self._macro_resolver
        known = vars(manifest).setdefault("_columns_of_queries", {}) if manifest else {}
        key = (self.config.credentials.path, _DATE.sub("", sql))
        if key not in known:
            known[key] = describe(self, sql)
        return known[key]

    kept.__dict__.update(vars(describe))
    DuckDBAdapter.get_column_schema_from_query = kept  # type: ignore[method-assign]


def _name_each_schema_once() -> None:
    """Take the schemas of a project from one node of each; dbt builds a relation for every node."""
    from dbt.adapters.base.impl import BaseAdapter
    from dbt.task.runnable import GraphRunnableTask

    schemas_of: Any = BaseAdapter._get_cache_schemas

    def one_of_each(nodes: Iterable[Any]) -> list[Any]:
        return list({(node.database, node.schema): node for node in nodes}.values())

    def get_cache_schemas(self: Any, relation_configs: Iterable[Any]) -> Any:
        return schemas_of(self, one_of_each(relation_configs))

    def get_model_schemas(self: Any, adapter: Any, selected_uids: Iterable[str]) -> Any:
        selected = set(selected_uids)
        nodes = [
            node
            for node in self.manifest.nodes.values()
            if node.unique_id in selected and node.is_relational and not node.is_ephemeral
        ]
        return {
            adapter.Relation.create_from(self.config, node).without_identifier()
            for node in one_of_each(nodes)
        }

    BaseAdapter._get_cache_schemas = get_cache_schemas  # type: ignore[method-assign]
    GraphRunnableTask.get_model_schemas = get_model_schemas  # type: ignore[method-assign]


def _link_graph_quickly() -> None:
    """Search a cycle only if there is one, add no redundant edges, and write no summary of nodes.

    The edges that make models wait for tests are those of dbt's option `--use-fast-test-edges`.
    """
    from dbt import compilation
    from dbt.compilation import Linker

    find: Any = Linker.find_cycles
    is_without_cycle = vars(compilation)["nx"].is_directed_acyclic_graph

    def find_cycles(self: Any) -> Any:
        return None if is_without_cycle(self.graph) else find(self)

    Linker.find_cycles = find_cycles  # type: ignore[method-assign]
    Linker.add_test_edges = Linker.add_test_edges_2  # type: ignore[method-assign]
    Linker.get_graph_summary = lambda *_: {}  # type: ignore[method-assign]
