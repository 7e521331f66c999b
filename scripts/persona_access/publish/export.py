"""Marts as Parquet files, each compared with the warehouse after it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from persona_access.errors import MachineError
from persona_access.publish.catalogue import Mart


@dataclass(frozen=True)
class Content:
    """Rows of a table and a hash of them that their order does not change."""

    n_rows: int
    content_hash: str


def export_mart(
    connection: duckdb.DuckDBPyConnection, mart: Mart, week: date, folder: Path
) -> Content:
    """Write a mart's published rows and columns to `<folder>/<mart>.parquet`.

    Raises MachineError when the file, read back, is not what the warehouse holds.
    """
    file = folder / f"{mart.name}.parquet"
    where = f"where as_of_date = date '{week}'" if mart.history == "newest_week" else ""
    query = f"select {', '.join(mart.columns)} from marts.{mart.name} {where}"  # noqa: S608
    write_parquet(connection, query, file)
    written = content(connection, f"from read_parquet('{file}')")
    if written != content(connection, query):
        raise MachineError(
            f"{file.name}, read back, is not what the warehouse holds; nothing was published. "
            "See that the disk is sound and publish again."
        )
    return written


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query as one compressed Parquet file."""
    connection.sql(f"copy ({query}) to '{file}' (format parquet, compression zstd)")


def content(connection: duckdb.DuckDBPyConnection, query: str) -> Content:
    """Count and hash the rows of a query; two rows that swap places change nothing."""
    ((n_rows, total),) = connection.sql(
        f"select count(*), coalesce(sum(hash(entry)), 0) from ({query}) as entry"  # noqa: S608
    ).fetchall()
    return Content(n_rows, f"{int(total) % 2**64:016x}")
