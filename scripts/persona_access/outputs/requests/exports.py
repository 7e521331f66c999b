"""Read tickets from a list that a ticket system exported, as CSV or as a workbook."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.cleaning import clean_text
from persona_access.base.errors import RefusalError, SettingsError
from persona_access.base.printable import harmless
from persona_access.loader.read_excel import load_sheet, read_parts
from persona_access.outputs.requests.shapes import ExportColumns

# Jira Cloud offers the first, second, fourth and fifth; Excel saves tabs as "Unicode text".
_DELIMITERS = (",", ";", "\t", "|", "^")
# An export can begin with lines about itself: a title, a filter, the time.
_MOST_LINES_ABOVE = 10
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Comments and descriptions of other tickets are in the export, too.
csv.field_size_limit(1 << 28)
_DIGITS = re.compile(r"(\d+)")
# BRID, application, kind and date of a finding; BRID, application, kind and campaign.
_N_PARTS_OF_KEY = 4


@dataclass(frozen=True)
class Ticket:
    """A ticket with a key of this project, as its system shows it."""

    key: str
    number: str
    state: str


@dataclass(frozen=True)
class Export:
    """The tickets of an export, one for each key, and the numbers of omitted rows.

    `n_others` rows have no key of this project; `n_older` rows have a key that a newer ticket also
    has.
    """

    tickets: list[Ticket]
    n_others: int
    n_older: int


def read_export(file: Path, columns: ExportColumns, most_expanded_bytes: int) -> Export:
    """Read the tickets of an export.

    Several tickets can have one key if a request was created twice: the one with the highest number
    is the newest, regardless of the order in the list. Raises SettingsError for a file that cannot
    be read or lacks a column that identifies the ticket.
    """
    found: dict[str, Ticket] = {}
    n_others = n_older = 0
    for key, number, state in _cells(file, columns, most_expanded_bytes):
        own_key = _as_written(key)
        if own_key.count(":") < _N_PARTS_OF_KEY - 1:
            n_others += bool(key or number or state)
            continue
        ticket = Ticket(own_key, number, state)
        other = found.get(own_key)
        n_older += other is not None
        if other is None or _place(ticket) >= _place(other):
            found[own_key] = ticket
    return Export(list(found.values()), n_others, n_older)


def _cells(file: Path, columns: ExportColumns, most_expanded_bytes: int) -> Iterator[list[str]]:
    """Yield key, number and state of each row, as text without blanks around it."""
    wanted = (columns.key, columns.number, columns.state)
    lacking = [names[0] for names in wanted]
    for rows in _tables(file, most_expanded_bytes):
        for at, header in enumerate(rows[:_MOST_LINES_ABOVE]):
            shown = [(clean_text(name) or "").casefold() for name in header]
            places = [
                next(
                    (shown.index(name.casefold()) for name in names if name.casefold() in shown), -1
                )
                for names in wanted
            ]
            if min(places) >= 0:
                for row in rows[at + 1 :]:
                    cells = [row[place] if place < len(row) else "" for place in places]
                    yield [clean_text(cell) or "" for cell in cells]
                return
            missing = [names[0] for names, at in zip(wanted, places, strict=True) if at < 0]
            lacking = min(lacking, missing, key=len)
    raise SettingsError(
        f"The export {file} has no column '{lacking[0]}': add it to the list that is exported."
    )


def _tables(file: Path, most_expanded_bytes: int) -> Iterator[list[list[str]]]:
    """Yield the rows of a file for each possible way to read it."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"The export {file} cannot be read ({error}).") from error
    if content.startswith(b"PK\x03\x04"):
        yield from _sheets(file, most_expanded_bytes)
        return
    text = _decoded(file, content)
    for delimiter in _DELIMITERS:
        try:
            yield list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            # With a wrong delimiter, quotes are in the middle of a value.
            continue


def _decoded(file: Path, content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"The export {file} is not in UTF-8 ({error.reason}): export the list as CSV in UTF-8, "
            "or as .xlsx."
        ) from error


def _sheets(file: Path, most_expanded_bytes: int) -> Iterator[list[list[str]]]:
    try:
        sheets = read_parts(file, most_expanded_bytes)
        # The library would end the process for a cell far away from the others.
        for sheet in sheets:
            sheet.check()
        for sheet in sheets:
            columns = [column.to_pylist() for column in load_sheet(file, sheet).columns]
            yield [[cell or "" for cell in row] for row in zip(*columns, strict=True)]
    except (RefusalError, ValueError) as error:
        raise SettingsError(
            f"The export {file} cannot be read as a workbook ({str(error).splitlines()[0]}): "
            "export the list again as .xlsx or CSV."
        ) from error


def _as_written(key: str) -> str:
    """Remove the apostrophe that kept a spreadsheet from computing the key."""
    return key[1:] if key.startswith("'") and harmless(key[1:]) == key else key


def _place(ticket: Ticket) -> list[tuple[int, str]]:
    """Return a sort key for ticket numbers: ACC-9 comes before ACC-10."""
    parts = _DIGITS.split(ticket.number)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
