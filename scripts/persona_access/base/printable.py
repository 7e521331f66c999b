"""Make text and values safe for a terminal and a log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

# Characters that start a formula: at the start of a text, or after a character that a spreadsheet
# of another country reads as the end of a cell. East Asian editions read wide forms as the narrow
# ones.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r])")  # noqa: RUF001

# Matches every text that `harmless` changes, and a few more: for engines without lookahead.
MAY_BE_FORMULA = r"(^|[;\t\r\n])[\s\pZ\pC]*[=+\-@＝＋－＠]|[\t\r]"  # noqa: RUF001


def printable(text: str) -> str:
    """Escape control characters, direction marks, and bytes that are not UTF-8."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell(value: Any) -> str:
    """Format one value for people: with thousands separators, empty for null."""
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


def counted(number: int, thing: str, things: str = "") -> str:
    """Format a count with its noun: `1 item`, `1,204 items`; `things` is an irregular plural."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def described(record: Mapping[str, Any]) -> str:
    """Format a record as `name value, name value`."""
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
    """Put an apostrophe before text that a spreadsheet would compute as a formula."""
    return _FORMULA.sub(r"\1'", text)


def capped(text: str, n_most: int = 2_000) -> str:
    """Make a sentence printable; shorten a long one, and say how much is omitted."""
    text = printable(text)
    if len(text) <= n_most:
        return text
    return f"{text[:n_most]} ... and {len(text) - n_most:,} more characters."


def listed(items: Sequence[str], separator: str = ", ", n_most: int = 10) -> str:
    """Join the first items, and add how many more there are."""
    shown = separator.join(items[:n_most])
    n_more = len(items) - n_most
    return shown if n_more <= 0 else f"{shown} and {n_more:,} more"


def share(value: float | Decimal | None) -> str:
    """Format a share in percent; only an exact 0 or 1 is shown as 0 % or 100 %."""
    if value is None:
        return "\u2013"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    return "< 0.1 %" if 0 < value < 0.0005 else f"{value * 100:.1f} %"


def sparkline(values: Sequence[float | Decimal | None]) -> str:
    """Draw numbers as a line of bars, from zero to the largest; an unknown number is a gap."""
    bars = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
    most = max((float(value) for value in values if value is not None), default=0.0)
    return "".join(
        " " if value is None else bars[round(float(value) / most * 7) if most else 0]
        for value in values
    )
