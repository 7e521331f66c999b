"""CSV and Excel files in which text from a feed is text: it can never become a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from persona_access.base.printable import harmless

Value = str | int | date | None


@dataclass(frozen=True)
class Column:
    """A column as people see it; `width` is in characters."""

    caption: str
    width: int


def write_csv(file: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    """Write a CSV file for spreadsheets: with a mark for UTF-8, all cells quoted and harmless."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow([column.caption for column in columns])
        for row in rows:
            writer.writerow([harmless(v) if isinstance(v, str) else v for v in row])


def write_excel(
    file: Path,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Value]],
    notes: Sequence[str],
    week: date,
) -> None:
    """Write a workbook of two sheets: the list, and notes on it; equal input gives equal bytes."""
    # Text stays as it is: neither a formula nor a link, also after somebody edits the cell.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties(
            {"title": title, "created": datetime(week.year, week.month, week.day)}  # noqa: DTZ001
        )
        text = book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"})
        number = book.add_format({"valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = book.add_worksheet("To review")
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, column.caption, bold)
        for line, row in enumerate(rows, start=1):
            for index, value in enumerate(row):
                _write(sheet, line, index, value, text, number, day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        about = book.add_worksheet("About this list")
        about.set_column(0, 0, 110)
        for line, note in enumerate([title, *notes]):
            about.write_string(line, 0, note, bold if line == 0 else text)


def _write(
    sheet: Worksheet, line: int, index: int, value: Value, text: Format, number: Format, day: Format
) -> None:
    match value:
        case str():
            sheet.write_string(line, index, value, text)
        case date():
            sheet.write_datetime(line, index, value, day)
        case int():
            sheet.write_number(line, index, value, number)
        case _:
            sheet.write_blank(line, index, None, number)
