"""Text and values, made fit for a terminal and a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def printable(text: str) -> str:
    """Escape control characters and bytes that are not UTF-8."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell(value: Any) -> str:
    """Write one value for people: thousands apart, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal | float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return ", ".join(cell(item) for item in value)
    return printable(str(value))


def described(record: Mapping[str, Any]) -> str:
    """Write what a record holds as `name value, name value`."""
    return ", ".join(
        f"{name.replace('_', ' ')} {cell(value)}"
        for name, value in record.items()
        if value is not None
    )


def filled_columns(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the columns that are empty in every record."""
    names = records[0] if records else ()
    filled = [name for name in names if any(record[name] is not None for record in records)]
    return [{name: record[name] for name in filled} for record in records]
