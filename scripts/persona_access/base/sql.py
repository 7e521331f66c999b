"""SQL in files beside the modules that run it, where sqlfluff reads it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - SQL, not HTML


def statement(package: str, name: str, **parts: object) -> str:
    """Return the SQL of `<name>.sql` in a package, with `parts` in place of its `{{ names }}`.

    Values of users go in as parameters of the query; a part is SQL of our own.
    """
    return _template(package, name).render(parts).strip()


@cache
def _template(package: str, name: str) -> Template:
    return _ENVIRONMENT.from_string(files(package).joinpath(f"{name}.sql").read_text("utf-8"))
