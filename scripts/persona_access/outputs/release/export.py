"""Marts as Parquet files, each compared with the warehouse after it was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from persona_access.base.content_hash import ContentHash, content_hash
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.outputs.release.catalogue import Mart


def export_mart(
    connection: duckdb.DuckDBPyConnection, mart: Mart, week: date, folder: Path
) -> ContentHash:
    """Write a mart's published rows and columns to `<folder>/<mart>.parquet`.

    Raises MachineError when the file, read back, is not what the warehouse holds, and
    PersonaAccessError for a mart of an older version of the project.
    """
    file = folder / f"{mart.name}.parquet"
    query = published_rows(mart, week)
    with of_this_version(mart, week):
        write_parquet(connection, query, file)
    written = content_hash(connection, f"read_parquet('{file}')")
    if written != content_hash(connection, f"({query})"):
        raise MachineError(
            f"{file.name}, read back, is not what the warehouse holds; nothing was published. "
            "See that the disk is sound and publish again."
        )
    return written


def published_rows(mart: Mart, week: date) -> str:
    """Return the query of a mart's published rows and columns in the warehouse."""
    where = f"as_of_date = date '{week}'" if mart.history == "newest_week" else "true"
    return f"select {', '.join(mart.columns)} from {mart.relation} where {where}"  # noqa: S608


@contextmanager
def of_this_version(mart: Mart, week: date) -> Iterator[None]:
    """Turn a missing column into PersonaAccessError: an older version built the mart."""
    try:
        yield
    except duckdb.BinderException as error:
        raise PersonaAccessError(
            f"The mart '{mart.name}' lacks a column that this version publishes, so an older one "
            f"built it: run `persona-access rebuild --from {week}`, and publish again. "
            f"({str(error).splitlines()[0]})"
        ) from error


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query as one compressed Parquet file."""
    connection.sql(f"copy ({query}) to '{file}' (format parquet, compression zstd)")
