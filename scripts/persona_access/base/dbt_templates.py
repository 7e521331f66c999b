"""Spare dbt what it does again with Jinja for each node, each macro and each week of one process.

Each saving, with its measured gain, is a line in DECISIONS.md.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, KeysView, Mapping, MutableMapping
from typing import Any

from dbt.context.macros import MacroNamespace

# What makes the text of a node another one in another week, warehouse or command.
_ASKS = re.compile(
    r"\b(?:env_var|run_query|statement|load_result|load_relation|load_cached_relation"
    r"|invocation_id|invocation_args_dict|run_started_at|selected_resources|flags|modules)\b"
    r"|\badapter\.(?!dispatch\b|quote\b|type\b)"
)


def spare_templates() -> None:
    """Apply all savings of this module in this process."""
    _compile_templates_once()
    _make_environments_once()
    _find_macros_at_once()
    _keep_texts()


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


def _make_environments_once() -> None:
    """Share Jinja's environments: dbt makes one for each text."""
    from dbt_common.clients import jinja

    make = jinja.get_environment
    kept: dict[bool, Any] = {}

    def shared(node: Any = None, capture_macros: bool = False, native: bool = False) -> Any:
        if capture_macros:
            return make(node, capture_macros, native)
        if native not in kept:
            kept[native] = make(native=native)
        return kept[native]

    jinja.get_environment = shared


class Macros(MacroNamespace):
    """The macros by name and by package in two dictionaries, where dbt asks seven in turn."""

    def __init__(self, builder: Any, ctx: Any, maps: Any, by_name: Any, by_package: Any) -> None:
        super().__init__(ctx, builder.node, builder.thread_ctx, maps)
        self.by_name: Mapping[str, Any] = by_name
        self.by_package: Mapping[str, Any] = by_package

    def __contains__(self, key: object) -> bool:
        """Whether a macro or a package has this name."""
        return key in self.by_name

    def __getitem__(self, key: str) -> Any:
        """Return what can be called, or the macros of a package."""
        return self._callable(self.by_name[key])

    def get(self, key: str, default: Any = None) -> Any:
        """Return what has this name, if anything has."""
        return self[key] if key in self.by_name else default

    def get_from_package(self, package_name: str | None, name: str) -> Any:
        """Return a macro of a package, or of any, as dbt does."""
        if package_name is None or package_name not in self.by_package:
            return super().get_from_package(package_name, name)
        found = self.by_package[package_name].get(name)
        return None if found is None else self._callable(found)

    def _callable(self, found: Any) -> Any:
        from dbt.clients.jinja import MacroGenerator

        if isinstance(found, MutableMapping):
            return MacroNamespace(self.ctx, self.node, self.thread_ctx, [found])
        return MacroGenerator(found, self.ctx, self.node, self.thread_ctx)


class Names(dict[str, Any]):
    """What a text may name: macros, which go first, and what dbt knows of the node.

    Each is made when somebody names it. dbt makes eighty for each text, and few are named.
    """

    def __init__(self, context: Any, macros: Macros) -> None:
        super().__init__()
        self._of_node = context
        self._macros = macros
        self["context"] = self

    def __missing__(self, key: str) -> Any:
        """Make what has this name, and keep it."""
        members = self._of_node._context_members_
        if key in self._macros:
            self[key] = self._macros[key]
        elif key == "builtins":
            self[key] = self._of_node.generate_builtins()
        elif hasattr(members[key], "__get__"):
            self[key] = members[key].__get__(self._of_node)
        else:
            self[key] = members[key]
        return self[key]

    def __contains__(self, key: object) -> bool:
        """Whether anything has this name."""
        return (
            super().__contains__(key)
            or key in self._macros.by_name
            or key in self._of_node._context_members_
            or key == "builtins"
        )

    def __iter__(self) -> Iterator[str]:
        """Name everything, for whoever copies it."""
        members = self._of_node._context_members_
        return iter(
            dict.fromkeys([*super().__iter__(), "builtins", *members, *self._macros.by_name])
        )

    def keys(self) -> Any:
        """Name everything: a view of all that `__iter__` names."""
        return KeysView(self)

    def get(self, key: str, default: Any = None) -> Any:
        """Return what has this name, if anything has."""
        return self[key] if key in self else default  # noqa: SIM401 - else it calls itself


def _find_macros_at_once() -> None:
    """Find what a text names in a dictionary or two, where dbt asks ten, one after the other."""
    from dbt.config.runtime import RuntimeConfig
    from dbt.context.macros import MacroNamespaceBuilder
    from dbt.context.manifest import ManifestContext
    from dbt_common.clients.jinja import MacroFuzzTemplate, NativeSandboxTemplate

    build: Any = MacroNamespaceBuilder.build_namespace
    to_dict: Any = ManifestContext.to_dict
    kept: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def build_flat(self: Any, macros_by_package: Any, ctx: Any) -> Any:
        # dbt adds to these while it parses.
        n_macros = sum(map(len, macros_by_package.values()))
        key = (id(macros_by_package), n_macros, self.search_package, self.root_package)
        if key not in kept:
            maps = build(self, macros_by_package, ctx).maps
            by_name: dict[str, Any] = {}
            for searched in reversed(maps):
                by_name.update(searched)
            by_package = {
                name: dict(found)
                for name, found in by_name.items()
                if isinstance(found, MutableMapping)
            }
            # Beside what is kept, so that nothing else gets its identity.
            kept[key] = (maps, by_name, by_package, macros_by_package)
        return Macros(self, ctx, *kept[key][:3])

    def to_names(self: Any) -> Any:
        if not isinstance(self.namespace, Macros):
            return to_dict(self)
        if isinstance(self.config, RuntimeConfig):
            # As `var` does when it is made: `adapter.dispatch` looks at the packages.
            self.config.load_dependencies()
        names = Names(self, self.namespace)
        self.namespace.ctx = self._ctx = names
        return names

    # dbt's own copies all names, with each macro, for each value that is not text.
    NativeSandboxTemplate.new_context = MacroFuzzTemplate.new_context  # type: ignore[assignment,method-assign]
    MacroNamespaceBuilder.build_namespace = build_flat  # type: ignore[method-assign]
    ManifestContext.to_dict = to_names  # type: ignore[method-assign]


def _keep_texts() -> None:
    """Render the text of a node once where nothing that it calls asks for the week or a table."""
    from dbt.artifacts.resources.types import NodeType
    from dbt.artifacts.resources.v1.components import InjectedCTE
    from dbt.clients.jinja import MacroStack
    from dbt.compilation import Compiler

    compile_code: Any = Compiler._compile_code
    push: Any = MacroStack.push
    called = threading.local()

    def push_noted(self: Any, name: str) -> None:
        if getattr(called, "names", None) is not None:
            called.names.add(name)
        push(self, name)

    def compile_once(self: Any, node: Any, manifest: Any, extra_context: Any = None) -> Any:
        args = self.config.args
        flags = [getattr(args, name, None) for name in ("EMPTY", "DEFER", "SAMPLE")]
        kept_for = (*flags, repr(self.config.cli_vars))
        if (kept := vars(node).get("_kept_text")) and kept[0] == kept_for:
            _, node.compiled_code, ctes = kept
            node.extra_ctes = [InjectedCTE(id=name, sql="") for name in ctes]
            node.compiled = True
            return node
        outer, called.names = getattr(called, "names", None), set()
        try:
            node = compile_code(self, node, manifest, extra_context)
            names = called.names
        finally:
            called.names = outer
        texts = [node.raw_code, *(manifest.macros[name].macro_sql for name in names)]
        # A hook is called for what it does.
        is_hook = node.resource_type == NodeType.Operation
        if not is_hook and not any(map(_ASKS.search, texts)):
            ctes = [cte.id for cte in node.extra_ctes]
            vars(node)["_kept_text"] = (kept_for, node.compiled_code, ctes)
        return node

    MacroStack.push = push_noted  # type: ignore[method-assign]
    Compiler._compile_code = compile_once  # type: ignore[method-assign]
