"""Write marts as Parquet files; read each back and compare it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from persona_access.base.content_hash import ContentHash, content_hash
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.outputs.release.catalogue import Mart
from persona_access.outputs.release.gate import check_mart, is_view
from persona_access.outputs.release.reuse import EarlierMart, link


def export_mart(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    week: date,
    folder: Path,
    recorded: ContentHash | None = None,
    earlier: EarlierMart | None = None,
) -> ContentHash:
    """Write a mart's published rows and columns to `<folder>/<mart>.parquet`, sorted by its key.

    `recorded` is the content according to the build, if known; the file of an `earlier` release
    with the same content is linked. Raises MachineError if the file, read back, differs from the
    warehouse, and PersonaAccessError for a mart of an older version of the project, or of another
    week.
    """
    file = folder / f"{mart.name}.parquet"
    with of_this_version(mart, week), rows_to_publish(connection, mart, week) as query:
        # Rows of one person together make this file and the extract a third smaller, and equal
        # rows equal files.
        in_order = f"{query} order by {', '.join(mart.key)}" if mart.key else query
        if (
            earlier
            and earlier.content == recorded == content_hash(connection, f"({query})")
            and earlier.is_intact(connection, query)
        ):
            link(earlier.file, file)
            return earlier.content
        write_parquet(connection, in_order, file)
        written = content_hash(connection, f"read_parquet('{file}')")
        if written != recorded and written != content_hash(connection, f"({query})"):
            raise MachineError(
                f"{file.name}, read back, differs from the warehouse; nothing was published. "
                "Check the disk, and publish again."
            )
    return written


@contextmanager
def rows_to_publish(connection: duckdb.DuckDBPyConnection, mart: Mart, week: date) -> Iterator[str]:
    """Provide the query of a mart's published rows and columns, to run several times.

    A view is computed only once, into a temporary table that lasts until the end of the block.
    """
    where = f"as_of_date = date '{week}'" if mart.history == "newest_week" else "true"
    columns = ", ".join(mart.columns)
    if not is_view(connection, mart):
        yield f"select {columns} from {mart.relation} where {where}"  # noqa: S608
        return
    read = f"temp.{mart.name}"
    connection.execute(f"create temp table {mart.name} as select {columns} from {mart.relation}")  # noqa: S608
    try:
        check_mart(connection, mart, week, read)
        yield f"select {columns} from {read} where {where}"  # noqa: S608
    finally:
        connection.execute(f"drop table {read}")


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
