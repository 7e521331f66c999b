"""Text and values, made fit for a terminal and a log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

# What starts a formula, at the start of a text, and after what a spreadsheet of another country
# reads as the end of a cell. The wide forms are read as the narrow ones by East Asian editions.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r])")  # noqa: RUF001

# What `harmless` may change, and a little more, for engines whose patterns do not look ahead.
MAY_BE_FORMULA = r"(^|[;\t\r\n])[\s\pZ\pC]*[=+\-@＝＋－＠]|[\t\r]"  # noqa: RUF001


def printable(text: str) -> str:
    """Escape control characters, direction marks, and bytes that are not UTF-8."""
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


def counted(number: int, thing: str) -> str:
    """Write a number of things: `1 item`, `1,204 items`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


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


def harmless(text: str) -> str:
    """Put an apostrophe before whatever a spreadsheet would compute."""
    return _FORMULA.sub(r"\1'", text)


def capped(text: str, n_most: int = 2_000) -> str:
    """Make a sentence printable, and say how much of it is left out where it is too long."""
    text = printable(text)
    if len(text) <= n_most:
        return text
    return f"{text[:n_most]} ... and {len(text) - n_most:,} more characters."


def listed(items: Sequence[str], separator: str = ", ", n_most: int = 10) -> str:
    """Join the first items, and say how many more there are."""
    shown = separator.join(items[:n_most])
    n_more = len(items) - n_most
    return shown if n_more <= 0 else f"{shown} and {n_more:,} more"


def share(value: float | Decimal | None) -> str:
    """Write a share in percent; what is not quite all is never rounded to all, nor to nothing."""
    if value is None:
        return "\u2013"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    return "< 0.1 %" if 0 < value < 0.0005 else f"{value * 100:.1f} %"


def sparkline(values: Sequence[float | Decimal | None]) -> str:
    """Draw numbers as a line of bars, from zero to the largest; what is not known is a gap."""
    bars = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
    most = max((float(value) for value in values if value is not None), default=0.0)
    return "".join(
        " " if value is None else bars[round(float(value) / most * 7) if most else 0]
        for value in values
    )
