"""Read SQL from files beside the modules that run it; sqlfluff checks these files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import SimpleNamespace

from jinja2 import Environment, StrictUndefined, Template


class _Parameters:
    """`{{ parameter.week }}`: the parameter $week, whose value is passed with the statement."""

    def __getattr__(self, name: str) -> str:
        return f"${name}"


def statement(package: str | None, name: str, **parts: object) -> str:
    """Return the SQL of `<name>.sql` in a package, with `parts` in place of `{{ part.<name> }}`.

    A part is SQL of this project; a value from files or people must be a parameter of the
    statement.
    """
    template = _template(str(package), name)
    return template.render(parameter=_Parameters(), part=SimpleNamespace(**parts)).strip()


@cache
def _template(package: str, name: str) -> Template:
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - SQL
    return environment.from_string(files(package).joinpath(f"{name}.sql").read_text("utf-8"))
