"""Read the XML of a workbook before a library reads the file: sheets, extent, faults, formats.

An XML parser reads it, so prefixes and quotes do not matter. Values that the library would return
differently than Excel shows them are collected here, and replaced afterwards.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from persona_access.base.cleaning import clean_text
from persona_access.base.errors import RefusalError
from persona_access.loader.expand import blocks

_FIRST_INEXACT = 2**53
_DAY_ZERO_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - dates of a sheet have no zone
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# A nearly empty rectangle with more cells than this is caused by a stray cell far away.
_MOST_CELLS_OF_A_SPARSE_SHEET = 2_000_000
_FEWEST_CELLS_FILLED = 1 / 50
_LONGEST_SHORT_NUMBER = 15
TOO_LARGE_TO_KEEP = (
    "contains the whole number {}, which a spreadsheet cannot store exactly, so two different "
    "numbers can have become the same: format the column as text in the source, export it "
    "again, and deliver it again"
)
_PASTE_VALUES = (
    "so its value cannot be read: paste values only, save the workbook in Excel, and deliver it "
    "again"
)
# A part of a number format: a quoted or escaped literal, a blank of a character's width, a fill
# character, a colour or country, a digit place, or any other character.
_FORMAT_PART = re.compile(r'"([^"]*)"|\\(.)|(_.)|\*.|\[[^\]<>=]*\]|([0#?])|([^"\\])')


@dataclass
class Sheet:
    """One sheet of a workbook. Rows and columns count from 0; `shown` overrides read values."""

    name: str
    is_hidden: bool
    part: str
    n_cells: int = 0
    n_filled: int = 0
    first_row: int = 0
    first_column: int = 0
    last_row: int = -1
    last_column: int = -1
    last_cell: str = ""
    fault: str | None = None
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    # The top left cell of each cell that spans several rows.
    spanning: list[tuple[int, int]] = field(default_factory=list)

    def check(self) -> None:
        """Raise RefusalError if the sheet cannot be read as Excel shows it."""
        area = (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)
        if area > _MOST_CELLS_OF_A_SPARSE_SHEET and self.n_cells < area * _FEWEST_CELLS_FILLED:
            raise RefusalError(
                f"Cell {self.last_cell} of sheet '{self.name}' is far away from the table, so "
                f"the sheet would have {area:,} cells: delete the rows and columns beyond the "
                "table, save the workbook, and deliver it again."
            )
        if self.fault is not None:
            raise RefusalError(self.fault)

    def refuse_spanning_cells(self, first_row: int) -> None:
        """Raise RefusalError if a cell of the table spans several of its rows."""
        for row, column in self.spanning:
            if row >= first_row:
                raise RefusalError(
                    f"Cell {cell_name(row, column)} of sheet '{self.name}' is merged across rows, "
                    "so only the first of them has its value: undo the merge, write the value "
                    "into every row, save the workbook, and deliver it again."
                )


@dataclass(frozen=True)
class _Formats:
    """The number formats of styles: how each shows whole numbers, and which show dates."""

    whole: dict[int, list[str]]
    dates: set[int]


def read_sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    """Read every sheet of a workbook, in order."""
    sheets, is_1904 = _read_workbook(archive)
    names = set(archive.namelist())
    blank = _blank_strings(archive) if "xl/sharedStrings.xml" in names else set()
    formats = (
        _read_formats(archive) if "xl/styles.xml" in names else _Formats(whole={}, dates=set())
    )
    for sheet in sheets:
        if sheet.part not in names:
            raise RefusalError(
                f"The workbook lists the sheet '{sheet.name}' but does not contain it, so it "
                "is damaged: save the workbook in Excel and deliver it again."
            )
        _Cells(sheet, blank, formats, is_1904=is_1904).read(archive)
    return sheets


def _read_workbook(archive: zipfile.ZipFile) -> tuple[list[Sheet], bool]:
    targets: dict[str, str] = {}

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    if "xl/_rels/workbook.xml.rels" in archive.namelist():
        parse_part(archive, "xl/_rels/workbook.xml.rels", relationship)
    sheets: list[Sheet] = []
    found = {"is_1904": False}

    def element(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet" and "name" in attributes:
            target = targets.get(
                next((v for k, v in attributes.items() if k.endswith(":id")), ""), ""
            )
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            is_hidden = attributes.get("state", "visible") != "visible"
            sheets.append(Sheet(attributes["name"], is_hidden, part))
        # An element with the same name in the extension list lacks this attribute.
        if tag == "workbookPr" and attributes.get("date1904", "0").lower() in ("1", "true", "on"):
            found["is_1904"] = True

    parse_part(archive, "xl/workbook.xml", element)
    return sheets, found["is_1904"]


def _blank_strings(archive: zipfile.ZipFile) -> set[int]:
    """Find the shared texts that are invisible."""
    blank: set[int] = set()
    at = -1
    seen = ""

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal at, seen
        if tag == "si":
            at += 1
            seen = ""

    def end(tag: str) -> None:
        if tag == "si" and clean_text(seen) is None:
            blank.add(at)

    def text(data: str) -> None:
        nonlocal seen
        if not seen.strip():
            seen += data

    parse_part(archive, "xl/sharedStrings.xml", start, end, text)
    return blank


def _read_formats(archive: zipfile.ZipFile) -> _Formats:
    codes: dict[int, str] = {}
    styles: list[int] = []
    state = {"in_cell_formats": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt" and attributes.get("numFmtId", "").isdecimal():
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            state["in_cell_formats"] = True
        elif tag == "xf" and state["in_cell_formats"]:
            number = attributes.get("numFmtId", "0")
            styles.append(int(number) if number.isdecimal() else 0)

    def end(tag: str) -> None:
        if tag == "cellXfs":
            state["in_cell_formats"] = False

    parse_part(archive, "xl/styles.xml", start, end)
    whole = {}
    dates = set()
    for style, number in enumerate(styles):
        code = codes.get(number, "")
        bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.', "", code).partition(";")[0]
        parts = _whole_number_format(code)
        if parts:
            whole[style] = parts
        elif number in _BUILT_IN_DATES or (
            re.search("[ymdhs]", bare, re.IGNORECASE) and bare.lower() != "general"
        ):
            dates.add(style)
    return _Formats(whole, dates)


def _whole_number_format(code: str) -> list[str]:
    """Return the digits and literals with which a format such as `"X"0000` shows whole numbers.

    Empty if the format adds nothing to the digits, or contains other parts.
    """
    parts: list[str] = []
    at = 0
    while at < len(code) and code[at] != ";":
        found = _FORMAT_PART.match(code, at)
        if found is None:
            return []
        quoted, escaped, blank, digit, other = found.groups()
        literal = quoted or escaped or (" " if blank else None)
        if digit:
            parts.append(digit)
        elif literal:
            parts.append(f"'{literal}")
        elif other in ("-", " ", "(", ")", "/", ":", "+"):
            parts.append(f"'{other}")
        elif other:
            return []
        at = found.end()
    digits = [part for part in parts if part in ("0", "#", "?")]
    is_plain = len(digits) == len(parts) and digits.count("0") < 2
    return [] if is_plain or not digits else parts


def _shown_whole(number: int, parts: list[str]) -> str:
    """Format a whole number as its style shows it: digits fill their places from the right."""
    left = str(abs(number))
    first = next(at for at, part in enumerate(parts) if not part.startswith("'"))
    shown: list[str] = []
    for at in range(len(parts) - 1, -1, -1):
        part = parts[at]
        if part.startswith("'"):
            shown.append(part[1:])
            continue
        taken = left if at == first else left[-1:]
        left = left[: len(left) - len(taken)]
        shown.append(taken or {"0": "0", "?": " "}.get(part, ""))
    return ("-" if number < 0 else "") + "".join(reversed(shown)).strip()


class _Cells:
    """One pass over the cells of a sheet."""

    def __init__(self, sheet: Sheet, blank: set[int], formats: _Formats, *, is_1904: bool) -> None:
        self._sheet = sheet
        self._blank = blank
        self._whole = formats.whole
        self._dates = formats.dates if is_1904 else set()
        self._row = -1
        self._column = -1
        self._last = (-1, -1)
        self._cell: dict[str, str] = {}
        self._is_formula = False
        self._is_in_value = False
        self._text = ""
        self._is_data = False

    def read(self, archive: zipfile.ZipFile) -> None:
        parse_part(archive, self._sheet.part, self._start, self._end, self._data)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell = attributes
            self._is_formula = False
            self._text = ""
            name = attributes.get("r")
            if name is None:
                self._column += 1
            else:
                self._row, self._column = _position(name)
        elif tag in ("v", "t"):
            self._is_in_value = self._is_data
        elif tag == "f":
            self._is_formula = True
        elif tag == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif tag == "sheetData":
            self._is_data = True
        elif tag == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            if last and _position(last)[0] > _position(first)[0]:
                self._sheet.spanning.append(_position(first))

    def _data(self, data: str) -> None:
        if self._is_in_value:
            self._text += data

    def _end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._is_in_value = False
        elif tag == "c" and self._is_data:
            self._finish()
        elif tag == "sheetData":
            self._is_data = False

    def _finish(self) -> None:
        kind = self._cell.get("t", "n")
        text = self._text
        if kind == "e":
            self._complain(f"contains an error such as {text or '#N/A'}, {_PASTE_VALUES}")
        elif self._is_formula and not text and kind not in ("str", "inlineStr"):
            self._complain(f"contains a formula without its result, {_PASTE_VALUES}")
        if not text:
            return
        if (self._row, self._column) <= self._last:
            self._complain(
                "occurs twice or out of order, so one value would hide another: save the "
                "workbook in Excel and deliver it again"
            )
        self._last = (self._row, self._column)
        sheet = self._sheet
        if sheet.n_cells == 0:
            sheet.first_row, sheet.first_column = self._row, self._column
        sheet.n_cells += 1
        sheet.first_row = min(sheet.first_row, self._row)
        sheet.first_column = min(sheet.first_column, self._column)
        if self._row > sheet.last_row or self._column > sheet.last_column:
            sheet.last_cell = cell_name(self._row, self._column)
            sheet.last_row = max(sheet.last_row, self._row)
            sheet.last_column = max(sheet.last_column, self._column)
        if kind == "s":
            sheet.n_filled += not (text.isdecimal() and int(text) in self._blank)
        elif kind == "n":
            sheet.n_filled += 1
            self._look_at_number(text)
        else:
            sheet.n_filled += clean_text(text) is not None

    def _look_at_number(self, text: str) -> None:
        style = int(self._cell.get("s", "0"))
        if style in self._whole:
            number = whole_number(text)
            if number is not None:
                shown = _shown_whole(number, self._whole[style])
                self._sheet.shown[self._row, self._column] = shown
        elif style in self._dates:
            self._sheet.shown[self._row, self._column] = _date_1904(text)
        elif is_inexact(text):
            self._complain(TOO_LARGE_TO_KEEP.format(text))

    def _complain(self, what: str) -> None:
        if self._sheet.fault is None:
            self._sheet.fault = (
                f"Cell {cell_name(self._row, self._column)} of sheet '{self._sheet.name}' {what}."
            )


def parse_part(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    data: Callable[[str], None] | None = None,
) -> None:
    """Parse a part, and call a function for each element, by its local name.

    Raises RefusalError if the part is not valid XML, or defines its own entities.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse_doctype(*_: object) -> None:
        raise RefusalError(
            f"The part {part} of the workbook declares a document type, which spreadsheets "
            "never do: save the workbook in Excel and deliver it again."
        )

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if data is not None:
        parser.CharacterDataHandler = data
    try:
        with archive.open(part) as stream:
            for block in blocks(stream):
                parser.Parse(block, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise RefusalError(
            f"The part {part} of the workbook is not valid XML ({error}): save the workbook in "
            "Excel and deliver it again."
        ) from error


def _position(name: str) -> tuple[int, int]:
    """Convert the name of a cell, such as AB12, to row and column from 0."""
    column = 0
    at = 0
    for at, letter in enumerate(name):  # noqa: B007 - the place where letters end
        if not letter.isalpha():
            break
        column = column * 26 + ord(letter.upper()) - ord("A") + 1
    return int(name[at:]) - 1, column - 1


def cell_name(row: int, column: int) -> str:
    """Name a cell as spreadsheets do, such as AB12, by its row and column from 0."""
    letters = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def is_inexact(text: str) -> bool:
    """Return whether a number is whole and too large for a spreadsheet to store all its digits."""
    if len(text) <= _LONGEST_SHORT_NUMBER and "e" not in text.lower():
        return False
    number = whole_number(text)
    return number is not None and abs(number) >= _FIRST_INEXACT


def whole_number(text: str) -> int | None:
    """Read a whole number; None if it has a fraction or is not a number."""
    try:
        number = float(text)
        return (
            int(text)
            if text.lstrip("-").isdecimal()
            else (int(number) if number.is_integer() else None)
        )
    except (ValueError, OverflowError):
        return None


def _date_1904(text: str) -> str:
    try:
        moment = _DAY_ZERO_1904 + dt.timedelta(days=float(text))
    except (ValueError, OverflowError):
        return text
    # A time of day is a fraction that a number cannot store exactly.
    moment = (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.isoformat(" ").removesuffix(" 00:00:00")
