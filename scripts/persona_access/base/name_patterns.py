"""Match file names of a source, and read the date in a name."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

# The names are English: Python starts in the C locale and nothing here changes it.
WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_CODES = {
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%m": r"(?P<m>\d{1,2})",
    "%d": r"(?P<d>\d{1,2})",
    "%b": r"(?P<b>[A-Za-z]{3})",
    "%B": r"(?P<B>[A-Za-z]{3,9})",
    "%j": r"(?P<j>\d{3})",
    "%V": r"(?P<V>\d{1,2})",
    "%G": r"(?P<G>\d{4})",
    "%H": r"\d{2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%%": "%",
}


def match_name(name: str, pattern: str) -> re.Match[str] | None:
    """Match a whole file name, ignoring case."""
    return _expression(pattern).fullmatch(name)


def is_folder_of(folder: str, pattern: str | None) -> bool:
    """Return whether files of a pattern can be below a folder; both use / between folders."""
    parts, folders = folder.split("/"), (pattern or "").split("/")[:-1]
    return len(parts) <= len(folders) and all(
        match_name(part, wanted) for part, wanted in zip(parts, folders, strict=False)
    )


def date_of_name(found: re.Match[str], day: str | None) -> dt.date | None:
    """Return the date in a matched name; None if it has no date.

    For a name with only a month, `day` gives the day: `first`, `last`, or the month's last of a
    weekday.

    Raises ValueError for a date that does not exist.
    """
    part = {code: text for code, text in found.groupdict().items() if text is not None}
    year = int(part["Y"]) if "Y" in part else 2000 + int(part["y"]) if "y" in part else None
    if "G" in part and "V" in part:
        day_of_week = WEEKDAYS.index(day if day in WEEKDAYS else "sunday") + 1
        return dt.date.fromisocalendar(int(part["G"]), int(part["V"]), day_of_week)
    if year is None:
        return None
    if "j" in part:
        return dt.date(year, 1, 1) + dt.timedelta(days=int(part["j"]) - 1)
    month = _month(part)
    if month is None:
        return None
    if "d" in part:
        return dt.date(year, month, int(part["d"]))
    last = dt.date(year, month, calendar.monthrange(year, month)[1])
    if day == "first":
        return last.replace(day=1)
    if day is None or day == "last":
        return last
    return last - dt.timedelta(days=(last.weekday() - WEEKDAYS.index(day)) % 7)


def _month(part: dict[str, str]) -> int | None:
    if "m" in part:
        return int(part["m"])
    word = part.get("B") or part.get("b")
    if word is None:
        return None
    for name, number in _MONTHS.items():
        if name == word.lower() or name[:3] == word.lower():
            return number
    raise ValueError(f"{word} is not a month")


@lru_cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(%.|\*)", pattern)
    text = "".join(
        _CODES[part] if part in _CODES else "[^/]*" if part == "*" else re.escape(part)
        for part in parts
    )
    return re.compile(text, re.IGNORECASE | re.ASCII)


def unknown_codes(pattern: str) -> list[str]:
    """List the % codes of a pattern that are not supported."""
    return [code for code in re.findall(r"%.?", pattern) if code not in _CODES]
