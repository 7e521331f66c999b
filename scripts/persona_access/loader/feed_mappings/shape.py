"""Find the table of an unknown file: its header, the lines around it, the date in its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from persona_access.base.contracts import normalise_name

Row = Sequence[str]

_MAX_LINES_ABOVE = 40
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_MONTH_NAME = f"(?:{_MONTH}[a-z]*)"
_YEAR, _MONTH_2, _DAY = r"(?:20\d\d)", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DAY_BESIDE_WORD = r"(?:0?[1-9]|[12]\d|3[01])"
# Pattern, and the strftime codes of its groups in order; the first pattern that matches is used.
_SPELLINGS = (
    (f"({_YEAR})([-_. ]?)({_MONTH_2})([-_. ]?)({_DAY})", "%Y{}%m{}%d"),
    (f"({_DAY_BESIDE_WORD})([-_. ]?)({_MONTH_NAME})([-_. ]?)({_YEAR})", "%d{}%B{}%Y"),
    (f"({_MONTH_NAME})([-_. ]?)({_DAY_BESIDE_WORD})([-_., ]{{0,2}})({_YEAR})", "%B{}%d{}%Y"),
    (f"({_YEAR})([-_. ]?)({_MONTH_2})", "%Y{}%m"),
    (f"({_MONTH_NAME})([-_. ]?)({_YEAR})", "%B{}%Y"),
    (f"({_YEAR})([-_. ]?)({_MONTH_NAME})", "%Y{}%B"),
    (f"({_MONTH_2})([-_.])({_YEAR})", "%m{}%Y"),
)
# Day and month look the same: the name does not show which is which.
_DAY_OR_MONTH = re.compile(rf"(?<!\d)(\d\d)([-_.]?)(\d\d)\2({_YEAR})(?!\d)")
_FOOTER = re.compile(
    r"^\W*(grand\s+)?(total|summe|end of (report|file|extract)|rows?\s*[:=])", re.I
)


@dataclass(frozen=True)
class Header:
    """The place of the column names: line from 1, number of label lines below, and the names."""

    line: int
    label_rows: int
    names: tuple[str, ...]


def find_header(rows: Sequence[Row], n_known: Callable[[Row], int]) -> Header | None:
    """Find the header among the first lines; `n_known` counts the known names of a row.

    Returns None if no line looks like a header.
    """
    best: tuple[float, int] | None = None
    width = max((sum(bool(cell.strip()) for cell in row) for row in rows), default=0)
    for number, row in enumerate(rows[:_MAX_LINES_ABOVE]):
        filled = [cell.strip() for cell in row if cell.strip()]
        if len(filled) < 2 or len(filled) < 0.5 * width or any(is_value(cell) for cell in filled):
            continue
        score = 3 * n_known(row) + len(filled) / max(width, 1) - number / 100
        if best is None or score > best[0]:
            best = (score, number)
    if best is None:
        return None
    line = best[1]
    # Labels below technical names are often recognised better, but the technical names change
    # less.
    if (
        line
        and _is_named(rows[line - 1])
        and 2 * n_known(rows[line - 1]) >= n_known(rows[line]) > 0
    ):
        line -= 1
    names = tuple(cell.strip() for cell in rows[line])
    while names and not names[-1]:
        names = names[:-1]
    label_rows = 0
    for row in rows[line + 1 : line + 3]:
        if not _is_named(row) or n_known(row) * 2 < len(names):
            break
        label_rows += 1
    return Header(line + 1, label_rows, names)


def find_footer(rows: Sequence[Row]) -> str | None:
    """Return an expression for the first cell of a total or trailer among the last lines."""
    for row in rows[-5:]:
        first = next((cell for cell in row if cell.strip()), "")
        match = _FOOTER.match(first)
        if match:
            return rf"(?i)^\W*{re.escape(match[0].strip().split()[0])}\b"
    return None


def name_pattern(name: str) -> tuple[str, bool]:
    """Return a pattern for names like this one, and whether its date is unambiguous."""
    unsure = _DAY_OR_MONTH.search(name)
    if unsure and not re.search(_SPELLINGS[0][0], name):
        first, separator, second, _ = unsure.groups()
        # In dates with dots, the month never comes first.
        is_day_first = int(first) > 12 or (separator == "." and int(second) <= 12)
        is_sure = is_day_first or int(second) > 12
        order = ("%d", "%m") if is_day_first else ("%m", "%d")
        start, end = unsure.span()
        dated = f"{order[0]}{separator}{order[1]}{separator}%Y"
        return _escape(name[:start]) + dated + _escape(name[end:]), is_sure
    for spelling, codes in _SPELLINGS:
        match = re.search(rf"(?<![A-Za-z0-9]){spelling}(?!\d)", name, re.I) or re.search(
            spelling, name, re.I
        )
        if match is None:
            continue
        separators = match.groups()[1::2]
        word = next((g for g in match.groups() if re.fullmatch(_MONTH_NAME, g or "", re.I)), None)
        dated = codes.format(*separators)
        if word is not None and len(word) == 3:
            dated = dated.replace("%B", "%b")
        return _escape(name[: match.start()]) + dated + _escape(name[match.end() :]), True
    return _escape(name), False


def _escape(text: str) -> str:
    """Escape text for a pattern; times and counters, which differ by week, become wildcards."""
    return re.sub(r"\d{3,}", "*", text.replace("%", "%%"))


def _is_named(row: Row) -> bool:
    filled = [cell.strip() for cell in row if cell.strip()]
    return len(filled) >= 2 and not any(is_value(cell) for cell in filled)


def is_value(cell: str) -> bool:
    """Return whether a cell is data and not a column name: a number, a date, or a long text."""
    return (
        re.fullmatch(r"[-+]?[\d.,:/ -]*\d[\d.,:/ TZ-]*", cell) is not None
        or len(cell) > 60
        or "@" in cell
        or not re.search(r"[A-Za-z\u00c0-\uffff]", normalise_name(cell) or "1")
    )
