"""Replacements for dbt, with which sqlfluff's Jinja templater renders our models.

The templater finds this package by `library_path` in .sqlfluff. It is several times faster than
the templater that starts dbt, with the same findings.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from jinja2 import pass_context
from jinja2.runtime import Context

_PROJECT = yaml.safe_load(Path("dbt_project.yml").read_text())

# Macros query the database only when dbt executes.
execute = False


def var(name: str, default: Any = None) -> Any:
    """Return the variable's value in dbt_project.yml."""
    return _PROJECT["vars"].get(name, default)


class _Dbt:
    """`dbt.<macro>(...)` renders as a call with that name, valid in SQL; types become varchar."""

    def __getattr__(self, macro: str) -> Callable[..., str]:
        if macro.startswith("type_"):
            return lambda: "varchar"
        return lambda *args, **kwargs: f"{macro}({', '.join(map(str, (*args, *kwargs.values())))})"

    @staticmethod
    def listagg(measure: str, delimiter_text: str = "','", order_by_clause: str = "") -> str:
        return f"string_agg({measure}, {delimiter_text} {order_by_clause})"


class _Adapter:
    """`adapter.dispatch(...)` returns the DuckDB macro, or else the default one."""

    @staticmethod
    @pass_context
    def dispatch(context: Context, macro: str, _package: str) -> Any:
        return context.get(f"duckdb__{macro}") or context[f"default__{macro}"]


class _Word(str):
    """A part of a statement: it renders as its own name."""

    def __iter__(self) -> Iterator[str]:
        return iter([str(self)])


class _Words:
    """`part.<name>` and `parameter.<name>` in statements that Python completes and runs."""

    def __getattr__(self, name: str) -> _Word:
        return _Word(name)


dbt = _Dbt()
adapter = _Adapter()
part = parameter = _Words()
