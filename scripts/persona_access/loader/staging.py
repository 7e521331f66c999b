"""Stage a delivery: the common result of all readers.

It is a Parquet file with the rows that could be separated, in the columns of the raw layer, and
the DuckDB table `faults` with the rows of the delivery that cannot be loaded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.encryption import parquet_option
from persona_access.base.sql import statement
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
    """The result of a reader. `raw_lines` is a relation of row_number and raw_line, if lines exist.

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
    connection.execute(statement(__package__, "faults"))


def fill_raw_lines(connection: Connection, staged: Staged) -> None:
    """Add the lines of the delivery to `faults`, in one pass over the text."""
    without_line = "from faults where raw_line is null limit 1"
    if staged.raw_lines is None or connection.execute(without_line).fetchone() is None:
        return
    parts = {"raw_lines": staged.raw_lines}
    connection.execute(statement(__package__, "raw_lines_of_faults", **parts))


def stage(connection: Connection, relation: str, columns: Sequence[str], into: Into) -> int:
    """Write a relation (text columns of the contract and row_number) as rows of the raw layer.

    `columns` are those of the delivery; missing columns of the contract become null, and columns
    outside the contract come last. An empty text becomes null. Returns the number of rows.
    """
    others = [column for column in columns if column not in into.contract.column_names]
    provenance = asdict(into.provenance)
    selected = [
        *(
            f"nullif({name(column)}, '') as {name(column)}"
            if column in columns
            else f"null::varchar as {name(column)}"
            for column in into.contract.column_names
        ),
        *(f"${column} as {column}" for column in provenance if column != "loaded_at"),
        "row_number::bigint as row_number",
        "$loaded_at::timestamp as loaded_at",
        *(f"nullif({name(column)}, '') as {name(column)}" for column in others),
    ]
    query = f"select {', '.join(selected)} from {relation}"  # noqa: S608 - names are quoted
    return write_parquet(connection, query, into.parquet, provenance)


def write_parquet(
    connection: Connection, query: str, target: Path, values: Mapping[str, object] | None = None
) -> int:
    """Write the result of a query, encrypted if there is a key; return the number of rows."""
    options = f"format parquet, compression zstd{parquet_option()}"
    row = connection.execute(f"copy ({query}) to {text(target)} ({options})", values).fetchone()
    assert row is not None  # noqa: S101 - copy always gives a count
    return int(row[0])


def rewrite_parquet(connection: Connection, query: str, file: Path) -> None:
    """Replace a file with the result of a query of it."""
    written = file.with_name("rewritten.parquet")
    write_parquet(connection, query, written)
    written.replace(file)
