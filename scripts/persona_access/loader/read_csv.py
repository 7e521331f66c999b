"""Read a CSV delivery: straight through a parser where a line is a row, else row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from persona_access.base.contracts import Contract
from persona_access.base.encryption import encryption_key, landed
from persona_access.base.errors import RefusalError
from persona_access.loader import recovery
from persona_access.loader.feed_mappings.batches import BatchMapper, batch_mapper
from persona_access.loader.feed_mappings.declaration import FeedMapping
from persona_access.loader.header import read_csv_header
from persona_access.loader.read_unquoted import OddLines, stage_batches, stage_unquoted
from persona_access.loader.session import (
    Connection,
    file,
    machine_faults_in_words,
    name,
    scalar,
    text,
)
from persona_access.loader.staging import Provenance, Staged, stage
from persona_access.loader.text_scan import TextScan

# As many as Arrow reads of a text at once, about.
_ROWS_A_BATCH = 120_000


def read_csv(
    connection: Connection,
    scan: TextScan,
    contract: Contract,
    provenance: Provenance,
    target: Path,
    delimiter: str | None = None,
    keys: recovery.Keys = recovery.KEYS,
) -> Staged:
    """Stage the rows of a scanned text; raises RefusalError when the header does not fit."""
    delimiter, columns = read_csv_header(scan.text, contract, delimiter)
    n_rows = read_straight(connection, scan, delimiter, columns, contract, provenance, target, keys)
    lines = recovery.raw_lines(scan.text)
    if n_rows is None:
        sifted = recovery.sift(connection, scan, delimiter, columns, keys)
        n_rows = stage(connection, sifted.relation, columns, contract, provenance, target)
        lines = recovery.raw_records(scan.text)
        if n_rows != sifted.n_rows:
            raise RefusalError(
                "The lines of the file do not add up, so rows could be lost: look for characters "
                "outside text, such as U+10FFFF, and export the file again."
            )
    n_bad = scalar(connection, "select count(*) from faults")
    return Staged(
        target,
        columns,
        n_rows,
        n_bad,
        lines,
        may_hold_control_characters=scan.has_control_characters,
        may_hold_breaks=scan.has_quotes or scan.has_tabs,
    )


def read_mapped_straight(
    connection: Connection,
    scan: TextScan,
    contract: Contract,
    mapping: FeedMapping,
    delimiter: str | None,
    file_name: str,
    lookups: Mapping[str, Mapping[str, str]],
    provenance: Provenance,
    target: Path,
    line_offset: int,
) -> tuple[Staged, tuple[str, ...]] | None:
    """Stage and map a text in one pass; also the delivered columns.

    None where that cannot be: a key, lines that do not fit the header, a mapping that makes several
    rows of one. Raises RefusalError when a column that the mapping reads was not delivered.
    """
    if encryption_key() is not None or scan.has_spaced_quotes:
        return None
    delimiter, headers = read_csv_header(scan.text, replace(contract, columns=()), delimiter)
    n_spare = _n_spare_delimiters(scan, delimiter, headers)
    if n_spare != 0 and not scan.has_quotes:
        return None
    mapper = batch_mapper(connection, mapping, contract, headers, file_name, lookups)
    if mapper is None:
        return None
    places = (contract, provenance, target, mapper, line_offset)
    if scan.has_quotes:
        n_rows = _stage_quoted(connection, scan, delimiter, headers, *places)
    else:
        n_rows = stage_unquoted(scan.text, delimiter, headers, *places)
    if n_rows is None or n_rows != scan.n_lines - 1:
        return None
    kept = [mapper.place_of(header) for header in headers]
    if n_spare != 0 and n_spare != _n_within(connection, delimiter, kept, target):
        return None
    lines = recovery.raw_lines(scan.text)
    if line_offset:
        lines = f"select row_number + {line_offset} as row_number, raw_line from ({lines})"  # noqa: S608
    staged = Staged(
        target,
        (*contract.column_names, *mapper.other_columns),
        n_rows,
        0,
        lines,
        may_hold_control_characters=scan.has_control_characters,
        may_hold_breaks=scan.has_quotes or scan.has_tabs,
    )
    return staged, headers


def _stage_quoted(
    connection: Connection,
    scan: TextScan,
    delimiter: str,
    headers: tuple[str, ...],
    contract: Contract,
    provenance: Provenance,
    target: Path,
    mapper: BatchMapper,
    line_offset: int,
) -> int | None:
    """Write the rows that DuckDB parses, mapped batch by batch; None where it cannot parse them."""
    values = ", ".join(f"nullif({name(header)}, '') as {name(header)}" for header in headers)
    query = f"select {values} from {_parsed(scan, delimiter, headers)}"  # noqa: S608
    try:
        # A cursor of its own: the mapper asks its connection while this answer is being read.
        with machine_faults_in_words(), connection.cursor() as cursor:
            batches = cursor.execute(query).to_arrow_reader(_ROWS_A_BATCH)
            return stage_batches(batches, contract, provenance, target, mapper, line_offset)
    except (duckdb.Error, pa.ArrowInvalid):
        return None


def _parsed(scan: TextScan, delimiter: str, columns: tuple[str, ...]) -> str:
    """Return SQL of the rows of a text as DuckDB parses it, strictly."""
    declared = ", ".join(f"{text(column)}: 'VARCHAR'" for column in columns)
    return f"""
        read_csv(
            {file(scan.text)}, auto_detect = false, header = true, columns = {{{declared}}},
            delim = {text(delimiter)}, quote = '"', escape = '"', strict_mode = true
        )
    """


def read_straight(
    connection: Connection,
    scan: TextScan,
    delimiter: str,
    columns: tuple[str, ...],
    contract: Contract,
    provenance: Provenance,
    target: Path,
    keys: recovery.Keys = recovery.KEYS,
) -> int | None:
    """Stage the rows of a CSV parser; returns their number, or None if a line is not a row.

    Lines without quotes that do not fit the header become faults. Also None where DuckDB may take a
    quote behind spaces for part of the value.
    """
    if not scan.has_quotes:
        # DuckDB cannot filter what Arrow encrypted, so that with a key it writes itself.
        if encryption_key() is None:
            odd = OddLines() if _n_spare_delimiters(scan, delimiter, columns) != 0 else None
            n_rows = stage_unquoted(
                scan.text, delimiter, columns, contract, provenance, target, odd_lines=odd
            )
            n_odd = len(odd.lines) if odd else 0
            if n_rows is None or n_rows + n_odd != scan.n_lines - 1:
                return None
            if odd and odd.lines:
                recovery.record_odd_lines(connection, odd.lines, delimiter, columns, keys)
            return n_rows
        if _n_spare_delimiters(scan, delimiter, columns) != 0:
            return None
    if scan.has_spaced_quotes:
        return None
    parsed = _parsed(scan, delimiter, columns)
    relation = f"(select *, row_number() over () + 1 as row_number from {parsed})"  # noqa: S608
    threads = connection.execute("select current_setting('threads')").fetchone()
    try:
        # Numbering the rows keeps one thread busy; a second one would only wait for it, hot.
        connection.execute("set threads = 1")
        with machine_faults_in_words():
            n_rows = stage(connection, relation, columns, contract, provenance, target)
    except duckdb.Error:
        return None
    finally:
        connection.execute(f"set threads = {threads[0] if threads else 1}")
    return n_rows if _adds_up(connection, scan, delimiter, columns, n_rows, target) else None


def _adds_up(
    connection: Connection,
    scan: TextScan,
    delimiter: str,
    columns: tuple[str, ...],
    n_rows: int,
    staged: Path,
) -> bool:
    """Whether every line became one row of all its fields, so that a row's position is its line.

    A row takes at least one line: as many rows as lines, and none spans lines or is lost. DuckDB
    drops empty fields beyond the last column, which may be the end of a row that is out of step:
    there must be no more delimiters than between the columns and within values.
    """
    if n_rows != scan.n_lines - 1:
        return False
    n_spare = _n_spare_delimiters(scan, delimiter, columns)
    if n_spare == 0:
        return True
    return n_spare == _n_within(connection, delimiter, columns, staged)


def _n_within(connection: Connection, delimiter: str, columns: Sequence[str], staged: Path) -> int:
    """Count the delimiters within the values of staged rows."""
    within = " + ".join(
        f"coalesce(len({name(column)}) - len(replace({name(column)}, {text(delimiter)}, '')), 0)"
        for column in columns
    )
    return scalar(connection, f"select sum({within}) from {landed(file(staged))}")  # noqa: S608


def _n_spare_delimiters(scan: TextScan, delimiter: str, columns: tuple[str, ...]) -> int:
    """Return how many delimiters there are besides those between the columns of each line."""
    return scan.n_delimiters.get(delimiter, 0) - (len(columns) - 1) * scan.n_lines
