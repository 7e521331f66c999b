"""Read an Excel delivery; formulas are not evaluated."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import fastexcel
import pyarrow as pa

from persona_access.base.contracts import Contract, normalise_name
from persona_access.base.errors import RefusalError
from persona_access.loader.header import match_columns
from persona_access.loader.session import Connection, machine_faults_in_words, name
from persona_access.loader.staging import Provenance, Staged, stage

_BLOCK = 1 << 24
# Cells whose value cannot be read: an error such as #N/A, or a formula never computed. The Excel
# library gives nothing for both, and a value must not vanish.
_ERROR_CELL = re.compile(rb'<c\b[^>]*\bt="e"[^>]*>')
_BARE_FORMULA = re.compile(
    rb"<c\b[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_CELL_NAME = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')


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
    _check_archive(path, max_expanded_bytes)
    cells = _load_sheet(path, contract)
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
        f"{_without_midnight(name(given))} as {name(column)}"
        for given, column in zip(found, columns, strict=True)
    )
    has_value = " or ".join(f"nullif(trim({name(given)}), '') is not null" for given in found)
    relation = f"""(
        select * exclude (has_value) from (
            select {selected}, row_number() over () + 1 as row_number, {has_value} as has_value
            from cells
        ) where has_value
    )"""  # noqa: S608 - names are escaped
    try:
        with machine_faults_in_words():
            n_staged = stage(connection, relation, columns, contract, provenance, target)
    finally:
        connection.unregister("cells")
    return Staged(
        target, n_staged, n_bad_before=0, raw_lines=None, may_hold_control_characters=True
    )


def _check_archive(path: Path, max_expanded_bytes: int) -> None:
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
            for member in members:
                if member.filename.startswith("xl/worksheets/"):
                    _check_cells(archive, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise RefusalError(
            f"The file is not a sound .xlsx workbook ({error}); it may be an old .xls, protected "
            "by a password or cut short: save it as .xlsx without a password."
        ) from error


def _check_cells(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    carried = b""
    with archive.open(member) as sheet:
        while block := sheet.read(_BLOCK):
            block = carried + block
            for pattern, what in (
                (_ERROR_CELL, "holds an error such as #N/A"),
                (_BARE_FORMULA, "holds a formula without its result"),
            ):
                if found := pattern.search(block):
                    cell = _CELL_NAME.search(found[0])
                    raise RefusalError(
                        f"Cell {cell[1].decode() if cell else '(unnamed)'} of "
                        f"{Path(member.filename).stem} {what}, so its value cannot be read: "
                        "paste values only, save the workbook in Excel, and deliver it again."
                    )
            carried = block[max(block.rfind(b"<c "), 0) :]


def _load_sheet(path: Path, contract: Contract) -> pa.RecordBatch:
    try:
        reader = fastexcel.read_excel(path)
        sheets = {}
        for sheet_name in reader.sheet_names:
            sheet = reader.load_sheet(sheet_name, header_row=None, skip_rows=0, dtypes="string")
            if sheet.height > 0:
                sheets[sheet_name] = sheet
        named = [
            found for found in sheets if normalise_name(found) == normalise_name(contract.feed)
        ]
        if not sheets:
            raise RefusalError("The workbook is empty: export it again, header line included.")
        if len(named) != 1 and len(sheets) > 1:
            raise RefusalError(
                f"The workbook has {len(sheets)} sheets with content "
                f"({', '.join(map(repr, sheets))}): keep one, or name one '{contract.feed}'."
            )
        chosen = named[0] if len(named) == 1 else next(iter(sheets))
        return sheets[chosen].to_arrow()
    except fastexcel.FastExcelError as error:
        raise RefusalError(
            f"The workbook cannot be read ({str(error).splitlines()[0]}): open it in Excel and "
            "save it again as .xlsx."
        ) from error


def _without_midnight(value: str) -> str:
    """Return SQL: a date cell arrives with a time of midnight that nobody typed."""
    return f"case when {value} like '____-__-__ 00:00:00' then {value}[:10] else {value} end"
