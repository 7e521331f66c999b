"""Write CSV and Excel files in which text from a feed can never become a formula."""

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
    """A column as shown to people; `width` is in characters."""

    caption: str
    width: int


def write_csv(file: Path, captions: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write a CSV file for spreadsheets: with a UTF-8 mark, all cells quoted and no formulas."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(captions)
        for row in rows:
            writer.writerow([harmless(v) if isinstance(v, str) else v for v in row])


@dataclass(frozen=True)
class Sheet:
    """A sheet of lines to answer; `choices` are the decisions that each line allows."""

    name: str
    rows: Sequence[Sequence[Value]]
    choices: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Answers:
    """The open columns in which lines are answered, and the choices offered in some of them."""

    instruction: str
    open_columns: Sequence[str]
    decision: str
    reason: str
    reasons: Sequence[str]
    until: str


def write_excel(
    file: Path,
    title: str,
    columns: Sequence[Column],
    sheets: Sequence[Sheet],
    notes: Sequence[str],
    week: date,
    answers: Answers | None = None,
) -> None:
    """Write a workbook of the lists, and a sheet of notes; equal input gives equal bytes.

    With `answers`, all cells except those of the open columns are protected, so that ids and codes
    are returned unchanged.
    """
    # Text is neither a formula nor a link, even after somebody edits the cell.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties(
            {"title": title, "created": datetime(week.year, week.month, week.day)}  # noqa: DTZ001
        )
        formats = _Formats(book)
        for each in sheets:
            _write_sheet(book.add_worksheet(each.name), each, columns, week, formats, answers)
        about = book.add_worksheet("About this list")
        about.set_column(0, 0, 110)
        for line, note in enumerate([title, *notes]):
            about.write_string(line, 0, note, formats.bold if line == 0 else formats.text)


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.text = book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"})
        self.number = book.add_format({"valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        open_cell = {"locked": False, "bg_color": "#FFF8D6", "valign": "top", "border": 4}
        # Written as text, so that a BRID keeps its leading zeros.
        self.open_text = book.add_format({**open_cell, "num_format": "@", "text_wrap": True})
        self.open_day = book.add_format({**open_cell, "num_format": "yyyy-mm-dd"})


def _write_sheet(
    sheet: Worksheet,
    content: Sheet,
    columns: Sequence[Column],
    week: date,
    formats: _Formats,
    answers: Answers | None,
) -> None:
    top = 0
    if answers:
        sheet.write_string(0, 0, answers.instruction)
        top = 1
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(top, index, column.caption, formats.bold)
    for line, row in enumerate(content.rows, start=top + 1):
        for index, value in enumerate(row):
            if answers and columns[index].caption in answers.open_columns:
                is_day = columns[index].caption == answers.until
                style = formats.open_day if is_day else formats.open_text
                if value is None:
                    sheet.write_blank(line, index, None, style)
                else:
                    sheet.write_string(line, index, str(value), style)
            else:
                _write(sheet, line, index, value, formats.text, formats.number, formats.day)
    last = top + len(content.rows)
    if answers and content.rows:
        _offer(sheet, content, columns, week, answers, top + 1)
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True})
    sheet.freeze_panes(top + 1, 1)
    sheet.autofilter(top, 0, last, len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)


def _offer(
    sheet: Worksheet,
    content: Sheet,
    columns: Sequence[Column],
    week: date,
    answers: Answers,
    first: int,
) -> None:
    """Offer the choices; consecutive lines with the same choices share one rule."""
    at = {column.caption: index for index, column in enumerate(columns)}
    start = 0
    for line, choices in enumerate(content.choices):
        if line + 1 < len(content.choices) and content.choices[line + 1] == choices:
            continue
        place = (first + start, at[answers.decision], first + line, at[answers.decision])
        sheet.data_validation(
            *place,
            {
                "validate": "list",
                "source": list(choices),
                "error_title": "Not a decision",
                "error_message": f"Choose one of: {', '.join(choices)}.",
            },
        )
        start = line + 1
    last = first + len(content.rows) - 1
    sheet.data_validation(
        first,
        at[answers.reason],
        last,
        at[answers.reason],
        {"validate": "list", "source": list(answers.reasons), "show_error": False},
    )
    sheet.data_validation(
        first,
        at[answers.until],
        last,
        at[answers.until],
        {
            "validate": "date",
            "criteria": ">",
            "value": week,
            "error_title": "Invalid last day",
            "error_message": f"Write a date after {week}, as YYYY-MM-DD.",
        },
    )


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
        # Nothing is written for an empty cell: it is protected anyway, and a long list has a
        # million.
