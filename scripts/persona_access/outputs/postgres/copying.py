"""Copy rows to a table of PostgreSQL with COPY, as fast as Arrow writes them."""

from __future__ import annotations

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql

_BATCH_ROWS = 65_536


def copy_rows(cursor: psycopg.Cursor, table: sql.Composable, rows: duckdb.DuckDBPyRelation) -> int:
    """Copy a query's rows to the columns with the same names, and return their number.

    Arrow writes an empty text as "" and null as an empty field; PostgreSQL reads CSV the same way.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(table, columns)
    batches = rows.to_arrow_reader(_BATCH_ROWS)
    with cursor.copy(statement) as copy:
        sink = pa.PythonFile(_CopyStream(copy), mode="w")
        options = pyarrow.csv.WriteOptions(include_header=False)
        with pyarrow.csv.CSVWriter(sink, batches.schema, write_options=options) as writer:
            for batch in batches:
                writer.write_batch(batch)
    return cursor.rowcount


class _CopyStream:
    """A stream that sends Arrow's output to the server."""

    closed = False

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy

    def write(self, data: bytes) -> int:
        self._copy.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: the server flushes."""
