"""Stage a delivery: the common result of all readers.

It is a Parquet file with the rows that could be separated, in the columns of the raw layer, and
the DuckDB table `faults` with the rows of the delivery that cannot be loaded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.encryption import parquet_option
from persona_access.loader.session import Connection, name, text


@dataclass(frozen=True)
class Provenance:
    """The origin of the rows of one delivery; loaded_at is UTC without a zone."""

    load_id: str
    file_name: str
    file_sha256: str
    loaded_at: dt.datetime


@dataclass(frozen=True)
class Into:
    """What the rows of a delivery become: rows of a contract, with their origin, in this file."""

    contract: Contract
    provenance: Provenance
    parquet: Path


@dataclass(frozen=True)
class Staged:
    """The result of a reader. `raw_lines` is SQL with row_number and raw_line, if lines exist.

    `columns` are those of the delivery in order, including columns outside the contract.
    `n_bad_before` counts rows that could not be staged; `faults` already has them. `notes` are
    sentences about changes of the delivery. `may_hold_control_characters`, and `may_hold_breaks`
    (tabs, and lines within values), are false only if the reader found none.
    """

    parquet: Path
    columns: tuple[str, ...]
    n_rows: int
    n_bad_before: int = 0
    raw_lines: str | None = None
    may_hold_control_characters: bool = True
    may_hold_breaks: bool = True
    notes: tuple[str, ...] = ()


def create_faults_table(connection: Connection) -> None:
    """Create the empty table `faults`: one row for each bad row or value, in quarantine columns."""
    connection.execute(
        """
        create or replace temp table faults (
            row_number bigint, column_name varchar, value varchar, reason varchar,
            message varchar, brid varchar, application_id varchar, account_id varchar,
            quarantined_part varchar, raw_line varchar
        )
        """
    )


def fill_raw_lines(connection: Connection, staged: Staged) -> None:
    """Add the lines of the delivery to `faults`, in one pass over the text."""
    wanted = "select row_number from faults where raw_line is null"
    if staged.raw_lines is None or connection.execute(f"{wanted} limit 1").fetchone() is None:
        return
    connection.execute(
        f"""
        update faults set raw_line = lines.raw_line
        from (select * from ({staged.raw_lines}) where row_number in ({wanted})) as lines
        where faults.row_number = lines.row_number and faults.raw_line is null
        """  # noqa: S608 - our own SQL
    )


def stage(connection: Connection, relation: str, columns: Sequence[str], into: Into) -> int:
    """Write a relation (text columns of the contract and row_number) as rows of the raw layer.

    `columns` are those of the delivery; missing columns of the contract become null, and columns
    outside the contract come last. An empty text becomes null. Returns the number of rows.
    """
    others = [column for column in columns if column not in into.contract.column_names]
    selected = "".join(
        f"nullif({name(column)}, '') as {name(column)}, "
        if column in columns
        else f"null::varchar as {name(column)}, "
        for column in into.contract.column_names
    )
    query = f"""
        select
            {selected}
            {text(into.provenance.load_id)} as load_id,
            {text(into.provenance.file_name)} as file_name,
            {text(into.provenance.file_sha256)} as file_sha256,
            row_number::bigint as row_number,
            timestamp {text(into.provenance.loaded_at.isoformat(" "))} as loaded_at
            {"".join(f", nullif({name(column)}, '') as {name(column)}" for column in others)}
        from {relation}
    """  # noqa: S608 - names come from the contract, literals are escaped
    return write_parquet(connection, query, into.parquet)


def write_parquet(connection: Connection, query: str, target: Path) -> int:
    """Write the result of a query, encrypted if there is a key; return the number of rows."""
    options = f"format parquet, compression zstd{parquet_option()}"
    row = connection.execute(f"copy ({query}) to {text(target)} ({options})").fetchone()
    assert row is not None  # noqa: S101 - copy always gives a count
    return int(row[0])


def rewrite_parquet(connection: Connection, query: str, file: Path) -> None:
    """Replace a file with the result of a query of it."""
    written = file.with_name("rewritten.parquet")
    write_parquet(connection, query, written)
    written.replace(file)
