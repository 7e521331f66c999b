"""Read a CSV delivery: with a parser if each line is a row, otherwise row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

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
from persona_access.loader.staging import Into, Staged, stage
from persona_access.loader.text_scan import TextScan

# Roughly the number of rows that Arrow reads at once.
_ROWS_A_BATCH = 120_000


def read_csv(
    connection: Connection,
    scan: TextScan,
    into: Into,
    delimiter: str | None = None,
    keys: recovery.Keys = recovery.KEYS,
) -> Staged:
    """Stage the rows of a scanned text; raises RefusalError if the header does not fit."""
    delimiter, columns = read_csv_header(scan.text, into.contract, delimiter)
    n_rows = read_straight(connection, scan, delimiter, columns, into, keys)
    lines = recovery.raw_lines(scan.text)
    if n_rows is None:
        sifted = recovery.sift(connection, scan, delimiter, columns, keys)
        n_rows = stage(connection, sifted.relation, columns, into)
        lines = sifted.raw_lines
        if n_rows != sifted.n_rows:
            raise RefusalError(
                "The number of lines does not match the rows, so rows could be lost: remove "
                "characters that are not text, such as U+10FFFF, and export the file again."
            )
    n_bad = scalar(connection, "select count(*) from faults")
    return Staged(
        into.parquet,
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
    into: Into,
    mapping: FeedMapping,
    delimiter: str | None,
    file_name: str,
    lookups: Mapping[str, Mapping[str, str]],
    line_offset: int,
) -> tuple[Staged, tuple[str, ...]] | None:
    """Stage and map a text in one pass; also return the delivered columns.

    None if that is not possible: with an encryption key, lines that do not fit the header, or a
    mapping that turns one row into several. Raises RefusalError if a column of the mapping is
    missing.
    """
    if encryption_key() is not None or scan.has_spaced_quotes:
        return None
    delimiter, headers = read_csv_header(scan.text, replace(into.contract, columns=()), delimiter)
    n_spare = _n_spare_delimiters(scan, delimiter, headers)
    if n_spare != 0 and not scan.has_quotes:
        return None
    mapper = batch_mapper(connection, mapping, into.contract, headers, file_name, lookups)
    if mapper is None:
        return None
    if scan.has_quotes:
        n_rows = _stage_quoted(connection, scan, delimiter, headers, into, mapper, line_offset)
    else:
        n_rows = stage_unquoted(scan.text, delimiter, headers, into, mapper, line_offset)
    if n_rows is None or n_rows != scan.n_lines - 1:
        return None
    kept = [mapper.place_of(header) for header in headers]
    if n_spare != 0 and n_spare != _n_within(connection, delimiter, kept, into.parquet):
        return None
    staged = Staged(
        into.parquet,
        (*into.contract.column_names, *mapper.other_columns),
        n_rows,
        0,
        recovery.raw_lines(scan.text, line_offset),
        may_hold_control_characters=scan.has_control_characters,
        may_hold_breaks=scan.has_quotes or scan.has_tabs,
    )
    return staged, headers


def _stage_quoted(
    connection: Connection,
    scan: TextScan,
    delimiter: str,
    headers: tuple[str, ...],
    into: Into,
    mapper: BatchMapper,
    line_offset: int,
) -> int | None:
    """Write the rows that DuckDB parses, mapped batch by batch; None if it cannot parse them."""
    values = ", ".join(f"nullif({name(header)}, '') as {name(header)}" for header in headers)
    query = f"select {values} from {_parsed(scan, delimiter, headers)}"  # noqa: S608
    try:
        # A separate cursor: the mapper queries its connection while this result is being read.
        with machine_faults_in_words(), connection.cursor() as cursor:
            batches = cursor.execute(query).to_arrow_reader(_ROWS_A_BATCH)
            return stage_batches(batches, into, mapper, line_offset)
    except (duckdb.Error, pa.ArrowInvalid):
        return None


def _parsed(scan: TextScan, delimiter: str, columns: tuple[str, ...]) -> str:
    """Return SQL for the rows of a text, parsed by DuckDB in strict mode."""
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
    into: Into,
    keys: recovery.Keys,
) -> int | None:
    """Stage rows with a CSV parser; return their number, or None if a line is not a row.

    Lines without quotes that do not fit the header become faults. Also None if DuckDB could read a
    quote after spaces as a part of the value.
    """
    if not scan.has_quotes:
        # DuckDB cannot filter files that Arrow encrypted, so with a key DuckDB writes them.
        if encryption_key() is None:
            odd = OddLines() if _n_spare_delimiters(scan, delimiter, columns) != 0 else None
            n_rows = stage_unquoted(scan.text, delimiter, columns, into, odd_lines=odd)
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
        # Numbering the rows uses one thread; a second one would only busy-wait for it.
        connection.execute("set threads = 1")
        with machine_faults_in_words():
            n_rows = stage(connection, relation, columns, into)
    except duckdb.Error:
        return None
    finally:
        connection.execute(f"set threads = {threads[0] if threads else 1}")
    adds_up = _adds_up(connection, scan, delimiter, columns, n_rows, into.parquet)
    return n_rows if adds_up else None


def _adds_up(
    connection: Connection,
    scan: TextScan,
    delimiter: str,
    columns: tuple[str, ...],
    n_rows: int,
    staged: Path,
) -> bool:
    """Return whether every line became one row with all its fields, so that positions are lines.

    A row takes at least one line. If there are as many rows as lines, no row spans lines or is
    lost. DuckDB drops empty fields after the last column, which can belong to a shifted row: the
    only delimiters must be those between the columns and within values.
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
    """Return the number of delimiters in addition to those between the columns of each line."""
    return scan.n_delimiters.get(delimiter, 0) - (len(columns) - 1) * scan.n_lines
