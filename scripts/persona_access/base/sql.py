"""Read SQL from files beside the modules that run it; sqlfluff checks these files."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

# sqlfluff renders the files as Jinja templates. Here, importing Jinja and compiling a template
# would take as long as loading a small file.
_PLACE = re.compile(r"\{\{ (part|parameter)\.(\w+) \}\}")


def statement(package: str | None, name: str, **parts: object) -> str:
    """Return the SQL of `<name>.sql` in a package.

    `{{ part.<name> }}` becomes one of `parts`, and `{{ parameter.week }}` the parameter $week,
    whose value is passed with the statement. A part is SQL of this project; a value from files or
    people must be a parameter of the statement.
    """

    def filled(place: re.Match[str]) -> str:
        return f"${place[2]}" if place[1] == "parameter" else str(parts[place[2]])

    return _PLACE.sub(filled, _text(str(package), name))


@cache
def _text(package: str, name: str) -> str:
    return files(package).joinpath(f"{name}.sql").read_text("utf-8").strip()
