"""Read an Excel delivery; formulas are not evaluated."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import fastexcel
import pyarrow as pa

from persona_access.base.contracts import Contract, normalise_name
from persona_access.base.errors import RefusalError
from persona_access.base.printable import listed
from persona_access.loader.header import match_columns
from persona_access.loader.session import Connection, machine_faults_in_words, name
from persona_access.loader.staging import Provenance, Staged, stage
from persona_access.loader.workbook import Sheet, read_sheets

# How XML writes control characters in a text; Alt+Enter leaves one behind.
_ESCAPED_BREAK = "_x000[9DAda]_"


def read_excel(
    connection: Connection,
    path: Path,
    contract: Contract,
    provenance: Provenance,
    target: Path,
    max_expanded_bytes: int,
) -> Staged:
    """Stage the rows of a workbook's one table; raises RefusalError when there is not exactly one.

    Rows without any value are skipped: a sheet has no other way to leave a line empty.
    """
    sheet = _choose_sheet(_sheets(path, max_expanded_bytes), contract)
    sheet.check()
    cells = _load_sheet(path, sheet)
    header = [str(value or "") for value in (column[0].as_py() for column in cells.columns)]
    while (
        header
        and not header[-1].strip()
        and cells.column(len(header) - 1).null_count >= (cells.num_rows)
    ):
        header.pop()
    columns = match_columns(header, contract)
    connection.register("cells", cells.slice(1))
    found = cells.schema.names[: len(header)]
    selected = ", ".join(
        f"{_as_shown(name(given))} as {name(column)}"
        for given, column in zip(found, columns, strict=True)
    )
    has_value = " or ".join(f"nullif(trim({name(given)}), '') is not null" for given in found)
    relation = f"""(
        select * exclude (has_value) from (
            select
                {selected},
                row_number() over () + {sheet.first_row + 1} as row_number,
                {has_value} as has_value
            from cells
        ) where has_value
    )"""  # noqa: S608 - names are escaped
    try:
        with machine_faults_in_words():
            n_staged = stage(connection, relation, columns, contract, provenance, target)
    finally:
        connection.unregister("cells")
    return Staged(
        target, columns, n_staged, n_bad_before=0, raw_lines=None, may_hold_control_characters=True
    )


def _sheets(path: Path, max_expanded_bytes: int) -> list[Sheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "xl/workbook.xml" not in names:
                raise RefusalError(
                    "The file is a ZIP archive but no Excel workbook: save the table as .xlsx, or "
                    "as CSV UTF-8 with the ending .csv."
                )
            if sum(member.file_size for member in members) > max_expanded_bytes:
                raise RefusalError(
                    f"The workbook expands to more than {max_expanded_bytes:,} bytes: if that is "
                    "genuine, raise PERSONA_ACCESS_MAX_EXPANDED_SIZE and deliver it again."
                )
            return read_sheets(archive)
    except (
        zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError,
        KeyError, OSError,
    ) as error:  # fmt: skip
        raise RefusalError(
            f"The file is not a sound .xlsx workbook ({error}); it may be an old .xls, protected "
            "by a password or cut short: save it as .xlsx without a password."
        ) from error


def _choose_sheet(sheets: list[Sheet], contract: Contract) -> Sheet:
    """Choose the sheet that has the name of the feed, else the only one with content."""
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


def _load_sheet(path: Path, sheet: Sheet) -> pa.RecordBatch:
    """Load the cells as text, and put what Excel shows in place of what the library gives."""
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
    # The library starts at the first cell that holds something, or at A1.
    height = sheet.last_row - sheet.first_row + 1
    row_0 = sheet.first_row if cells.num_rows == height else 0
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
    """Return SQL: a date cell arrives with a time of midnight that nobody typed."""
    plain = f"regexp_replace({value}, '{_ESCAPED_BREAK}', chr(10), 'g')"
    return f"case when {value} like '____-__-__ 00:00:00' then {value}[:10] else {plain} end"
