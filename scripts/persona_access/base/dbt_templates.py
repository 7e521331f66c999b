"""Avoid repeated Jinja work of dbt for each node, macro and week in one process.

Each saving, with its measured gain, is a line in DECISIONS.md.
"""

from __future__ import annotations

import re
import threading
import types
from collections.abc import Hashable, Iterator, KeysView, Mapping, MutableMapping
from functools import cache
from typing import Any

from dbt.context.macros import MacroNamespace

# Names whose value depends on the week, warehouse or command: a text that uses them changes, too.
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
    _call_macros_directly()
    _look_at_types_once()
    _keep_texts()


def _compile_templates_once() -> None:
    """Compile each template once in a process; rendering supplies its values."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    compile_text = MacroFuzzEnvironment.compile
    kept: dict[tuple[type, str], Any] = {}

    def compile_once(self: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or not isinstance(source, str):
            return compile_text(self, source, *args, **kwargs)
        # The environment that renders native values instead of text is a subclass of this one.
        key = (type(self), source)
        if key not in kept:
            kept[key] = compile_text(self, source)
        return kept[key]

    MacroFuzzEnvironment.compile = compile_once  # type: ignore[method-assign]


def _make_environments_once() -> None:
    """Share Jinja environments; dbt creates one for each template."""
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
    """Look up macros by name and package in two dictionaries, instead of dbt's seven."""

    def __init__(self, builder: Any, ctx: Any, maps: Any, by_name: Any, by_package: Any) -> None:
        super().__init__(ctx, builder.node, builder.thread_ctx, maps)
        self.by_name: Mapping[str, Any] = by_name
        self.by_package: Mapping[str, Any] = by_package
        self._generators: dict[str, Any] = {}

    def __contains__(self, key: object) -> bool:
        """Return whether a macro or a package has this name."""
        return key in self.by_name

    def __getitem__(self, key: str) -> Any:
        """Return the macro of this name, or the macros of the package of this name."""
        return self._callable(self.by_name[key])

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of this name, or the default."""
        return self[key] if key in self.by_name else default

    def get_from_package(self, package_name: str | None, name: str) -> Any:
        """Return a macro of one package, or of any package, as dbt does."""
        if package_name is None or package_name not in self.by_package:
            return super().get_from_package(package_name, name)
        found = self.by_package[package_name].get(name)
        return None if found is None else self._callable(found)

    def _callable(self, found: Any) -> Any:
        from dbt.clients.jinja import MacroGenerator

        if isinstance(found, MutableMapping):
            return MacroNamespace(self.ctx, self.node, self.thread_ctx, [found])
        known = self._generators.get(found.unique_id)
        # dbt replaces the names of a node after it has created the macros.
        if known is None or known.context is not self.ctx:
            known = MacroGenerator(found, self.ctx, self.node, self.thread_ctx)
            self._generators[found.unique_id] = known
        return known


class Names(dict[str, Any]):
    """The names that a template can use: macros first, then dbt's values for the node.

    Each value is created on first use: dbt creates eighty for each template, and few are used.
    """

    def __init__(self, context: Any, macros: Macros) -> None:
        super().__init__()
        self._of_node = context
        self._macros = macros
        self["context"] = self

    def __missing__(self, key: str) -> Any:
        """Create the value of this name, and keep it."""
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
        """Return whether a value has this name."""
        return (
            super().__contains__(key)
            or key in self._macros.by_name
            or key in self._of_node._context_members_
            or key == "builtins"
        )

    def __iter__(self) -> Iterator[str]:
        """Yield every name, for callers that copy all values."""
        members = self._of_node._context_members_
        return iter(
            dict.fromkeys([*super().__iter__(), "builtins", *members, *self._macros.by_name])
        )

    def keys(self) -> Any:
        """Return a view of all names."""
        return KeysView(self)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of this name, or the default."""
        return self[key] if key in self else default  # noqa: SIM401 - else it calls itself


def _find_macros_at_once() -> None:
    """Find the names of a template in one or two dictionaries, instead of dbt's ten."""
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
            # Kept beside the result, so that no other object gets the same id.
            kept[key] = (maps, by_name, by_package, macros_by_package)
        return Macros(self, ctx, *kept[key][:3])

    def to_names(self: Any) -> Any:
        if not isinstance(self.namespace, Macros):
            return to_dict(self)
        if isinstance(self.config, RuntimeConfig):
            # `var` does the same when it is created: `adapter.dispatch` searches the packages.
            self.config.load_dependencies()
        names = Names(self, self.namespace)
        self.namespace.ctx = self._ctx = names
        return names

    # dbt's own version copies all names, including each macro, for each value that is not text.
    NativeSandboxTemplate.new_context = MacroFuzzTemplate.new_context  # type: ignore[assignment,method-assign]
    MacroNamespaceBuilder.build_namespace = build_flat  # type: ignore[method-assign]
    ManifestContext.to_dict = to_names  # type: ignore[method-assign]


def _call_macros_directly() -> None:
    """Create each macro once for a node, and call it without two context managers.

    dbt runs the whole text of a macro for each of its calls, to define the macro again.
    """
    from dbt.clients.jinja import MacroGenerator
    from dbt_common.exceptions import CompilationError
    from dbt_common.exceptions.macros import CaughtMacroErrorWithNodeError, MacroReturn
    from jinja2.exceptions import TemplateRuntimeError

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.stack is None or self.context is None:
            return call_macro(self, *args, **kwargs)
        unique_id = self.macro.unique_id
        if self.stack.depth == 0 and self.node:
            self.node.depends_on.add_macro(unique_id)
        self.stack.push(unique_id)
        try:
            macro = vars(self).get("_made") or vars(self).setdefault("_made", self.get_macro())
            try:
                return macro(*args, **kwargs)
            except MacroReturn as returned:
                return returned.value
            except (TypeError, TemplateRuntimeError) as error:
                raise CaughtMacroErrorWithNodeError(exc=error, node=self.macro) from error
            except CompilationError as error:
                # The message names each macro on the way.
                error.stack.append(self.macro)
                raise
        finally:
            self.stack.pop(unique_id)

    call_macro: Any = MacroGenerator.__call__
    MacroGenerator.__call__ = call  # type: ignore[method-assign]


def _look_at_types_once() -> None:
    """Ask once for each type whether it has attributes that a sandbox forbids.

    Jinja compares the object with nine types for each attribute that a macro reads.
    """
    from jinja2 import sandbox

    is_internal = sandbox.is_internal_attribute

    @cache
    def has_internals(kind: Hashable) -> bool:
        return isinstance(kind, type) and issubclass(
            kind,
            (
                *(type, types.FunctionType, types.MethodType, types.CodeType),
                *(types.TracebackType, types.FrameType, types.GeneratorType),
                *(types.CoroutineType, types.AsyncGeneratorType),
            ),
        )

    def is_internal_attribute(obj: Any, attr: str) -> bool:
        return is_internal(obj, attr) if has_internals(obj.__class__) else attr.startswith("__")

    sandbox.is_internal_attribute = is_internal_attribute


def _keep_texts() -> None:
    """Render the text of a node once if nothing that it calls depends on the week or a table."""
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
        # A hook must run every time: its effect matters, not its text. A seed has no text.
        has_text = node.resource_type not in (NodeType.Operation, NodeType.Seed)
        if has_text and not any(map(_ASKS.search, texts)):
            ctes = [cte.id for cte in node.extra_ctes]
            vars(node)["_kept_text"] = (kept_for, node.compiled_code, ctes)
        return node

    MacroStack.push = push_noted  # type: ignore[method-assign]
    Compiler._compile_code = compile_once  # type: ignore[method-assign]
