"""Write the demo's files in the formats of other systems: other names, columns, codes and dates.

`feeds/demo/` has a mapping for each. Loaded with these, the bank gives exactly the same facts.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

Cells = Sequence[str]
Change = Callable[[str], str]


@dataclass(frozen=True)
class Shape:
    """The format of a feed: the file name by date, the headers, and the conversion of values."""

    name: str
    headers: Cells
    changes: Mapping[str, Change]
    write: Callable[[Path, Cells, Iterator[list[str]]], None]


def write_foreign(file: Path, feed: str, day: dt.date, folder: Path) -> Path:
    """Write a file of the demo in its foreign shape to a folder, and return it.

    A line that does not fit its header keeps this defect.
    """
    shape = SHAPES[feed]
    target = folder / f"{day:{shape.name}}"
    with file.open(encoding="utf-8", newline="") as text:
        lines = csv.reader(text)
        columns = next(lines)
        changes = [shape.changes.get(column, str) for column in columns]
        rows = (
            [
                changes[at](cell) if len(line) == len(columns) else cell
                for at, cell in enumerate(line)
            ]
            for line in lines
        )
        shape.write(target, shape.headers, rows)
    return target


def _dated(code: str) -> Change:
    """Format a valid date with a strftime code; leave anything else unchanged."""

    def change(cell: str) -> str:
        try:
            return dt.date.fromisoformat(cell).strftime(code)
        except ValueError:
            return cell

    return change


def _coded(codes: Mapping[str, str]) -> Change:
    return lambda cell: codes.get(cell, cell)


def _in_domain(cell: str) -> str:
    return f"BANK\\{cell}" if cell else cell


def _report(file: Path, headers: Cells, rows: Iterator[list[str]]) -> None:
    """Write semicolon-separated text in Windows-1252, below a title."""
    with file.open("w", encoding="cp1252", newline="") as text:
        text.write("Headcount, all legal entities\r\n\r\n")
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([headers, *rows])


def _export(file: Path, headers: Cells, rows: Iterator[list[str]]) -> None:
    """Write text with every value in quotes, below a line with a type."""
    with file.open("w", encoding="utf-8", newline="") as text:
        text.write("#TYPE Selected.System.AccessRow\r\n")
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([headers, *rows])


def _tabbed(file: Path, headers: Cells, rows: Iterator[list[str]]) -> None:
    with file.open("w", encoding="utf-16", newline="") as text:
        csv.writer(text, delimiter="\t", lineterminator="\r\n").writerows([headers, *rows])


def _workbook(file: Path, headers: Cells, rows: Iterator[list[str]]) -> None:
    """Write a workbook with one sheet for each business unit; no column contains the unit."""
    by_unit: dict[str, list[list[str]]] = {}
    at = headers.index("")
    for row in rows:
        by_unit.setdefault(row[at], []).append([cell for n, cell in enumerate(row) if n != at])
    with xlsxwriter.Workbook(str(file)) as book:
        # The same bank gives the same bytes.
        book.set_properties({"created": dt.datetime(2026, 1, 1)})  # noqa: DTZ001 - of a file
        for unit, cells in by_unit.items():
            sheet = book.add_worksheet(unit)
            sheet.write_string(0, 0, f"Persona catalogue: {unit}")
            for number, row in enumerate([[name for name in headers if name], *cells], start=2):
                for place, cell in enumerate(row):
                    sheet.write_string(number, place, cell)


SHAPES: Mapping[str, Shape] = {
    "hr_headcount": Shape(
        "HC_REPORT_%d%b%Y.csv",
        (
            "Personnel No.", "Employee Name", "E-Mail", "Stat", "Emp Group", "Grade", "Cost Ctr",
            "Cost Ctr Text", "Org Unit", "Position", "Superior", "Site", "Entry Date", "Exit Date",
        ),
        {
            "employment_status": _coded(
                {"active": "A", "on leave": "L", "terminated": "T", "future": "F"}
            ),
            "hire_date": _dated("%d.%m.%Y"),
            "termination_date": _dated("%d.%m.%Y"),
        },
        _report,
    ),
    "iam_app_registry": Shape(
        "access-export-%Y%m%d.csv",
        (
            "AppCode", "AppDisplayName", "SamAccountName", "AccountName", "Enabled", "RoleName",
            "Privileged", "WhenCreated", "AccountExpires", "LastLogon", "AppOwner",
        ),
        {
            "brid": _in_domain,
            "account_status": _coded({"active": "True", "disabled": "False"}),
            "is_privileged": _coded({"true": "Y", "false": "N"}),
            "granted_date": _dated("%m/%d/%Y"),
            "expires_date": _dated("%m/%d/%Y"),
            "last_used_date": _dated("%m/%d/%Y"),
        },
        _export,
    ),
    "persona_list": Shape(
        "Persona catalogue %Y.%m.%d.xlsx",
        ("Role Code", "Role Name", "", "App Code", "App Name", "M/O/P", "Everybody"),
        {
            "requirement": _coded({"mandatory": "M", "optional": "O", "prohibited": "P"}),
            "is_baseline": _coded({"true": "x", "false": "-"}),
        },
        _workbook,
    ),
    "persona_members": Shape(
        "members_%Y%j.txt",
        ("EMPLOYEE_ID", "ROLE_CODE", "VALID_FROM", "VALID_TO"),
        {
            "valid_from": _dated("%Y%m%d"),
            "valid_to": lambda cell: _dated("%Y%m%d")(cell) if cell else "99991231",
        },
        _tabbed,
    ),
}  # fmt: skip
