"""Read a delivery of Excel or LibreOffice; formulas are not evaluated."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import fastexcel
import pyarrow as pa

from persona_access.base.contracts import Contract, normalise_name
from persona_access.base.errors import RefusalError
from persona_access.base.printable import listed
from persona_access.base.sql import statement
from persona_access.loader.expand import too_large
from persona_access.loader.feed_mappings.declaration import Table
from persona_access.loader.feed_mappings.drift import refuse_data_as_labels
from persona_access.loader.feed_mappings.expressions import SHEET, matches
from persona_access.loader.feed_mappings.likeness import names_known
from persona_access.loader.feed_mappings.plain_text import check_names
from persona_access.loader.feed_mappings.shape import find_header
from persona_access.loader.header import match_columns
from persona_access.loader.open_document import CONTENT, read_open_document
from persona_access.loader.session import Connection, machine_faults_in_words, name, text
from persona_access.loader.staging import Into, Staged, stage
from persona_access.loader.text_scan import other_format
from persona_access.loader.workbook import Sheet, read_sheets

# The XML form of control characters in a text; Alt+Enter creates one.
_ESCAPED_BREAK = "_x000[9DAda]_"


def read_excel(
    connection: Connection,
    path: Path,
    into: Into,
    max_expanded_bytes: int,
    table: Table | None = None,
) -> Staged:
    """Stage the rows of a workbook's only table, or of the sheets that a mapping declares.

    Raises RefusalError if they are missing.

    Rows without any value are skipped: in a sheet, they are empty lines.
    """
    contract = into.contract
    sheets = read_parts(path, max_expanded_bytes)
    is_answer = table is None and contract.has_codes
    chosen = (
        _answer_sheets(path, sheets, contract)
        if is_answer
        else [_choose_sheet(sheets, contract)]
        if table is None
        else _declared(sheets, table)
    )
    relations: list[str] = []
    columns: tuple[str, ...] = ()
    n_rows_before = 0
    for number, sheet in enumerate(chosen):
        sheet.check()
        cells = load_sheet(path, sheet)
        if is_answer:
            header_row = _row_of_key(cells, contract) or 0
        else:
            header_row = (
                sheet.first_row - _top(cells, sheet)
                if table is None
                else _header_row(cells, sheet, table)
            )
        if table is not None and table.names:
            found, header = _by_names(cells, sheet, header_row, table)
        else:
            found, header = _header(cells, header_row, 1 if table is None else table.header_rows)
        named = match_columns(header, contract)
        if columns and columns != named:
            raise RefusalError(
                f"Sheet '{sheet.name}' has other columns than '{chosen[0].name}': list only "
                "the sheets that belong together in table.sheets."
            )
        columns = named
        first = header_row + _n_above(table)
        if not is_answer:
            # In an answer, a line without a decision is a line that is still open.
            sheet.refuse_spanning_cells(_top(cells, sheet) + first)
        if table is not None:
            _check_rows(cells, sheet, first, table)
        connection.register(f"cells_{number}", cells.slice(first))
        top = _top(cells, sheet) + first + n_rows_before
        relations.append(
            _rows(f"cells_{number}", found, columns, top, None if table is None else sheet.name)
        )
        n_rows_before += sheet.last_row + 1
    relation = f"({' union all '.join(f'({rows})' for rows in relations)})"
    if table is not None:
        columns = (*columns, SHEET)
    try:
        with machine_faults_in_words():
            n_staged = stage(connection, relation, columns, into)
    finally:
        for number in range(len(chosen)):
            connection.unregister(f"cells_{number}")
    return Staged(into.parquet, columns, n_staged)


def _check_rows(cells: pa.RecordBatch, sheet: Sheet, first: int, table: Table) -> None:
    """Refuse labels that contain data, and a named sheet that has only a header."""
    labels = [
        [str(cell or "") for cell in row.values()]
        for row in cells.slice(first - table.label_rows, table.label_rows + 1).to_pylist()
    ]
    if table.label_rows and len(labels) > table.label_rows:
        refuse_data_as_labels(labels[:-1], labels[-1])
    is_named = any(sheet.name.casefold() == pattern.casefold() for pattern in table.sheets)
    if is_named and len(table.sheets) > 1 and cells.num_rows <= first:
        raise RefusalError(
            f"Sheet '{sheet.name}' has a header and no rows: ask the source, or remove the "
            "sheet from table.sheets."
        )


def read_sheet_row(path: Path, table: Table, line: int, max_expanded_bytes: int) -> str:
    """Return the texts of one row, from 1, of the first sheet that a mapping names."""
    sheet = _declared(read_parts(path, max_expanded_bytes), table)[0]
    sheet.check()
    cells = load_sheet(path, sheet)
    position = line - 1 - _top(cells, sheet)
    if not 0 <= position < cells.num_rows:
        return ""
    return " ".join(text for column in cells.columns if (text := column[position].as_py()))


def _header(cells: pa.RecordBatch, row: int, n_rows: int) -> tuple[list[str], list[str]]:
    """Return the columns of the cells that have a name or a value, and their names."""
    header = [
        " ".join(
            text for n in range(n_rows) if (text := str(column[row + n].as_py() or "").strip())
        )
        if n_rows > 1
        else str(column[row].as_py() or "")
        for column in cells.columns
    ]
    used = [
        at
        for at, column in enumerate(cells.columns)
        if header[at].strip() or column.null_count < cells.num_rows
    ]
    whole = slice(min(used, default=0), max(used, default=-1) + 1)
    return cells.schema.names[whole], header[whole]


def _top(cells: pa.RecordBatch, sheet: Sheet) -> int:
    """Return the row of the sheet, from 0, at which the library starts to read.

    The library starts at the first row with content, or at the first row.
    """
    height = sheet.last_row - sheet.first_row + 1
    return sheet.first_row if cells.num_rows == height else 0


def _n_above(table: Table | None) -> int:
    """Return the number of rows from the header to the first row of data."""
    if table is None:
        return 1
    return 0 if table.names else table.header_rows + table.label_rows


def _by_names(
    cells: pa.RecordBatch, sheet: Sheet, row: int, table: Table
) -> tuple[list[str], list[str]]:
    """Return the columns from the first to the last with content, and their names."""
    below = cells.slice(row)
    filled = [at for at, column in enumerate(below.columns) if column.null_count < len(column)]
    found = cells.schema.names[min(filled, default=0) : max(filled, default=-1) + 1]
    first = [str(below.column(given)[0].as_py() or "").strip() for given in found]
    check_names(table, first, f"Row {sheet.first_row + row + 1} of sheet '{sheet.name}'")
    return found, list(table.names)


def _rows(
    cells: str, found: Sequence[str], columns: Sequence[str], top: int, sheet: str | None
) -> str:
    """Return a query of the rows of one sheet with a value, with the sheet's row numbers."""
    selected = [
        f"{_as_shown(name(given))} as {name(column)}"
        for given, column in zip(found, columns, strict=True)
    ]
    if sheet is not None:
        selected.append(f"{text(sheet)} as {name(SHEET)}")
    parts = {
        "cells": cells,
        "columns": ", ".join(selected),
        "rows_before": top,
        "has_value": " or ".join(f"trim({name(given)}) <> ''" for given in found),
    }
    return statement(__package__, "sheet_rows", **parts)


def _declared(sheets: list[Sheet], table: Table) -> list[Sheet]:
    """Return the sheets that a mapping names; if it names none, all sheets with content."""
    filled = [sheet for sheet in sheets if sheet.n_filled or sheet.fault]
    patterns = table.sheets or (["*"] if len(filled) == 1 else [])
    chosen = [
        sheet
        for sheet in filled
        if _is_named(sheet, patterns) and not _is_named(sheet, table.ignore_sheets)
    ]
    missing = [
        pattern for pattern in patterns if not any(matches(pattern, sheet.name) for sheet in filled)
    ]
    shown = [f"{sheet.name!r}{' (hidden)' if sheet.is_hidden else ''}" for sheet in filled]
    if missing or not chosen:
        raise RefusalError(
            f"The workbook has no sheet {listed(missing) or 'that the mapping names'}; it has "
            f"{listed(shown)}: correct table.sheets, or ask the source."
        )
    return chosen


def _is_named(sheet: Sheet, patterns: Sequence[str]) -> bool:
    return any(matches(pattern, sheet.name) for pattern in patterns)


def new_sheets(path: Path, table: Table, max_expanded_bytes: int) -> list[str]:
    """Return the sheets with content that are not in a mapping's list of sheets."""
    return [
        sheet.name
        for sheet in read_parts(path, max_expanded_bytes)
        if table.sheets
        and (sheet.n_filled or sheet.fault)
        and not _is_named(sheet, [*table.sheets, *table.ignore_sheets])
    ]


def _header_row(cells: pa.RecordBatch, sheet: Sheet, table: Table) -> int:
    """Return the position of the header within the cells."""
    if table.names and table.header_row in (1, "find"):
        return 0
    if table.header_row != "find":
        position = table.header_row - 1 - _top(cells, sheet)
        if not 0 <= position < cells.num_rows:
            raise RefusalError(
                f"Sheet '{sheet.name}' has no row {table.header_row}, the header row of the "
                "mapping: correct header_row."
            )
        return position
    first = [[str(cell or "") for cell in row.values()] for row in cells.slice(0, 60).to_pylist()]
    header = find_header(first, names_known)
    if header is None:
        raise RefusalError(
            f"No row of sheet '{sheet.name}' looks like a header: write the number of the "
            "header row into header_row."
        )
    return header.line - 1


def read_parts(path: Path, max_expanded_bytes: int) -> list[Sheet]:
    """Read every sheet of a spreadsheet before a library does, which can end the process.

    Raises RefusalError if it is none, or expands too much; `Sheet.check` has the other faults.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            is_open_document = CONTENT in names and "mimetype" in names
            if "xl/workbook.xml" not in names and not is_open_document:
                raise RefusalError(
                    "The file is a ZIP archive, but not an Excel workbook: save the table as "
                    ".xlsx, or as CSV UTF-8 with the ending .csv."
                )
            if sum(member.file_size for member in members) > max_expanded_bytes:
                raise too_large("workbook", max_expanded_bytes)
            return read_open_document(archive) if is_open_document else read_sheets(archive)
    except (
        zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError,
        KeyError, OSError,
    ) as error:  # fmt: skip
        raise RefusalError(_no_workbook(path, error)) from error


def _no_workbook(path: Path, error: Exception) -> str:
    """Return the error for a file that is not a valid workbook; its first bytes show the format."""
    with path.open("rb") as stream:
        head = stream.read(64)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    what = "a web page or XML, as some systems export" if start[:1] == b"<" else other_format(head)
    if start and what is None and zipfile.BadZipFile is type(error) and _is_text(head):
        what = "plain text, such as CSV"
    if what is None or head.startswith((b"PK", b"\xd0\xcf")):
        return (
            f"The file is not a valid .xlsx workbook ({error}); it can be an old .xls, "
            "protected by a password, or incomplete: save it as .xlsx without a password."
        )
    return (
        f"The file is {what}, not a valid .xlsx workbook as its name indicates: save it in "
        "Excel as .xlsx, or give it the ending of its real format."
    )


def _is_text(head: bytes) -> bool:
    return all(sign >= 32 or sign in b"\t\r\n" for sign in head)


def _choose_sheet(sheets: list[Sheet], contract: Contract) -> Sheet:
    """Choose the sheet with the name of the feed, or else the only sheet with content."""
    filled = [sheet for sheet in sheets if sheet.n_filled or sheet.fault]
    named = [
        sheet for sheet in filled if normalise_name(sheet.name) == normalise_name(contract.feed)
    ]
    if not filled:
        raise RefusalError("The workbook is empty: export it again, header line included.")
    if len(named) != 1 and len(filled) > 1:
        shown = [f"{sheet.name!r}{' (hidden)' if sheet.is_hidden else ''}" for sheet in filled]
        raise RefusalError(
            f"The workbook has {len(filled)} sheets with content ({listed(shown)}): keep one, or "
            f"name one '{contract.feed}'."
        )
    return named[0] if len(named) == 1 else filled[0]


def _answer_sheets(path: Path, sheets: list[Sheet], contract: Contract) -> list[Sheet]:
    """Return the sheets of a work list: those with a key column of the feed near their top.

    A list has a sheet for new items and one for open items, each with a line of instructions above
    the table, and notes on another sheet. Raises RefusalError if such a sheet is hidden: a
    reviewer is responsible only for visible items.
    """
    filled = [sheet for sheet in sheets if sheet.n_filled or sheet.fault]
    for sheet in filled:
        sheet.check()
    found = [
        sheet for sheet in filled if _row_of_key(load_sheet(path, sheet), contract) is not None
    ]
    hidden = [sheet.name for sheet in found if sheet.is_hidden]
    if hidden:
        raise RefusalError(
            f"The hidden sheet '{hidden[0]}' has lines of a list that the reviewer may never "
            "have seen: show it in Excel or delete it, and deliver the workbook again."
        )
    return found or [_choose_sheet(sheets, contract)]


def _row_of_key(cells: pa.RecordBatch, contract: Contract) -> int | None:
    key = next(column.name for column in contract.columns if column.is_value_required)
    for row in range(min(10, cells.num_rows)):
        shown = (normalise_name(str(column[row].as_py() or "")) for column in cells.columns)
        if normalise_name(key) in shown:
            return row
    return None


def load_sheet(path: Path, sheet: Sheet) -> pa.RecordBatch:
    """Load the cells as text, and replace values that differ from what Excel shows."""
    try:
        reader = fastexcel.read_excel(path)
        loaded = reader.load_sheet(sheet.name, header_row=None, skip_rows=0, dtypes="string")
        cells: pa.RecordBatch = loaded.to_arrow()
    except fastexcel.FastExcelError as error:
        raise RefusalError(
            f"The workbook cannot be read ({str(error).splitlines()[0]}): open it in Excel and "
            "save it again as .xlsx."
        ) from error
    if not sheet.shown:
        return cells
    # The library starts at the first cell with content, or at A1.
    row_0 = _top(cells, sheet)
    width = sheet.last_column - sheet.first_column + 1
    column_0 = sheet.first_column if cells.num_columns == width else 0
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), shown in sheet.shown.items():
        by_column.setdefault(column - column_0, {})[row - row_0] = shown
    arrays = list(cells.columns)
    for column, texts in by_column.items():
        values = arrays[column].to_pylist()
        for row, shown in texts.items():
            values[row] = shown
        arrays[column] = pa.array(values, pa.string())
    return pa.record_batch(arrays, names=cells.schema.names)


def _as_shown(value: str) -> str:
    """Return SQL for a cell as Excel shows it: the library adds a midnight time to date cells."""
    plain = f"regexp_replace({value}, '{_ESCAPED_BREAK}', chr(10), 'g')"
    return f"case when {value} like '____-__-__ 00:00:00' then {value}[:10] else {plain} end"
