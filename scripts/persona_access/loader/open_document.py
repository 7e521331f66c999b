"""Read the XML of an OpenDocument spreadsheet (`.ods`) before a library reads the file.

This is the default format of LibreOffice. Values that the library would return differently than
they are shown are collected here, as for an Excel workbook.
"""

from __future__ import annotations

import zipfile

from persona_access.base.cleaning import clean_text
from persona_access.loader.workbook import (
    TOO_LARGE_TO_KEEP,
    Sheet,
    cell_name,
    is_inexact,
    parse_part,
    whole_number,
)

CONTENT = "content.xml"
_CELLS = ("table-cell", "covered-table-cell")


def read_open_document(archive: zipfile.ZipFile) -> list[Sheet]:
    """Read every sheet of an OpenDocument spreadsheet, in order."""
    content = _Content()
    parse_part(archive, CONTENT, content.start, content.end, content.data)
    return content.sheets


class _Content:
    """One pass over the content. Runs of equal rows and cells are stored once, with a count."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._cell: dict[str, str] | None = None
        self._lines: list[str] = []
        self._note = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        named = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if tag == "style":
            self._style = named.get("name", "")
        elif tag == "table-properties" and named.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == "table":
            is_hidden = named.get("style-name") in self._hidden_styles
            self.sheets.append(Sheet(named.get("name", ""), is_hidden, CONTENT))
            self._row = 0
        elif tag == "table-row":
            self._rows = _times(named, "number-rows-repeated")
            self._column = 0
        elif tag in _CELLS:
            self._columns = _times(named, "number-columns-repeated")
            self._cell = named
            self._lines = []
        elif tag == "annotation":
            self._note += 1
        elif tag == "p" and not self._note:
            self._lines.append("")

    def data(self, text: str) -> None:
        if self._lines and not self._note:
            self._lines[-1] += text

    def end(self, tag: str) -> None:
        if tag == "annotation":
            self._note -= 1
        elif tag in _CELLS and self._cell is not None:
            self._finish(self._cell)
            self._column += self._columns
            self._cell = None
            self._lines = []
        elif tag == "table-row":
            self._row += self._rows

    def _finish(self, cell: dict[str, str]) -> None:
        kind = cell.get("value-type", "")
        text = "\n".join(self._lines)
        if not self.sheets or (kind in ("", "string") and clean_text(text) is None):
            return
        sheet = self.sheets[-1]
        last_row, last_column = self._row + self._rows - 1, self._column + self._columns - 1
        if sheet.n_cells == 0:
            sheet.first_row, sheet.first_column = self._row, self._column
        sheet.first_column = min(sheet.first_column, self._column)
        if last_row > sheet.last_row or last_column > sheet.last_column:
            sheet.last_cell = cell_name(last_row, last_column)
            sheet.last_row = max(sheet.last_row, last_row)
            sheet.last_column = max(sheet.last_column, last_column)
        if _times(cell, "number-rows-spanned") > 1:
            sheet.spanning.append((self._row, self._column))
        sheet.n_cells += self._rows * self._columns
        sheet.n_filled += self._rows * self._columns
        if sheet.fault is None:
            sheet.fault = self._fault(sheet, kind, cell, text)
        shown = _shown(kind, cell, text)
        if shown is not None and sheet.fault is None:
            sheet.check()
            for row in range(self._row, last_row + 1):
                for column in range(self._column, last_column + 1):
                    sheet.shown[row, column] = shown

    def _fault(self, sheet: Sheet, kind: str, cell: dict[str, str], text: str) -> str | None:
        place = f"Cell {cell_name(self._row, self._column)} of sheet '{sheet.name}'"
        if "formula" in cell and text.startswith(("#", "Err:")):
            return (
                f"{place} contains an error such as {text}: paste values only, save the "
                "spreadsheet, and deliver it again."
            )
        if kind == "float" and is_inexact(cell.get("value", "")):
            return f"{place} {TOO_LARGE_TO_KEEP.format(cell['value'])}."
        return None


def _times(named: dict[str, str], what: str) -> int:
    number = named.get(what, "1")
    return max(1, int(number)) if number.isdecimal() else 1


def _shown(kind: str, cell: dict[str, str], text: str) -> str | None:
    """Return the value to use instead of the library's: leading zeros, truth values, days."""
    if kind == "float":
        number = whole_number(cell.get("value", ""))
        is_padded = text.startswith("0") and len(text) > 1 and text.isdecimal()
        return text if is_padded and number == int(text) else None
    if kind == "boolean":
        return cell.get("boolean-value")
    if kind == "date" and "T" in cell.get("date-value", ""):
        return cell["date-value"].replace("T", " ").removesuffix(" 00:00:00")
    return None
