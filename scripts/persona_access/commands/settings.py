"""The command `persona-access settings`."""

from __future__ import annotations

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, print_json


def settings(is_json: AsJson = False) -> None:
    """Show the value of each setting and where it comes from; secrets are not shown."""
    from persona_access.base.variables import GROUPS, current_values

    found = current_values(load_settings())
    if is_json:
        print_json({"settings": found})
        return
    page = Output()
    for group in GROUPS:
        page.heading(group.title())
        page.table(
            [
                {
                    "variable": record["variable"],
                    "value": _text(record["value"]),
                    "source": record["source"],
                }
                for record in found
                if record["group"] == group.name()
            ]
        )


def _text(value: object) -> str:
    """Write a value in the syntax of its variable."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)
