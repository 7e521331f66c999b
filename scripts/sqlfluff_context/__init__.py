"""What sqlfluff's Jinja templater must know of dbt to render our models: stand-ins, no database.

The templater finds this package by `library_path` in .sqlfluff. It is several times faster than the
templater that starts dbt, and finds the same.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from jinja2 import pass_context
from jinja2.runtime import Context

_PROJECT = yaml.safe_load(Path("dbt_project.yml").read_text())

# Macros that ask the database do so only when dbt executes.
execute = False


def var(name: str, default: Any = None) -> Any:
    """Return the variable's value in dbt_project.yml."""
    return _PROJECT["vars"].get(name, default)


class _Dbt:
    """`dbt.<macro>(...)`: a call of that name, which is SQL that parses; types become varchar."""

    def __getattr__(self, macro: str) -> Callable[..., str]:
        if macro.startswith("type_"):
            return lambda: "varchar"
        return lambda *args, **kwargs: f"{macro}({', '.join(map(str, (*args, *kwargs.values())))})"

    @staticmethod
    def listagg(measure: str, delimiter_text: str = "','", order_by_clause: str = "") -> str:
        return f"string_agg({measure}, {delimiter_text} {order_by_clause})"


class _Adapter:
    """`adapter.dispatch(...)`: the DuckDB macro, else the default one."""

    @staticmethod
    @pass_context
    def dispatch(context: Context, macro: str, _package: str) -> Any:
        return context.get(f"duckdb__{macro}") or context[f"default__{macro}"]


class _Word(str):
    """A part of a statement: its own name as SQL, and where several are asked for, one of them."""

    def __iter__(self) -> Iterator[str]:
        return iter([str(self)])


class _Words:
    """`part.<name>` and `parameter.<name>` of the statements that Python fills in and runs."""

    def __getattr__(self, name: str) -> _Word:
        return _Word(name)


dbt = _Dbt()
adapter = _Adapter()
part = parameter = _Words()
