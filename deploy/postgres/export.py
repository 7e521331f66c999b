"""Export tables of PostgreSQL as Parquet, one folder for each, to compare them with DuckDB's.

All columns are text, as PostgreSQL itself writes the values; the comparison casts them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from persona_access.base.settings import load_settings
from persona_access.outputs.postgres.connect import connected

_TABLES = """
select table_schema, table_name
from information_schema.tables
where table_schema in ('marts', 'snapshots')
    or (table_schema, table_name) = ('runs', 'test_results')
order by 1, 2
"""


def main(exported: Path) -> None:
    """Export every mart and snapshot, and the results of the tests."""
    with connected(os.environ) as connection, duckdb.connect() as files:
        tables = connection.execute(_TABLES).fetchall()
        for schema, table in tables:
            folder = exported / f"{schema}.{table}"
            folder.mkdir(parents=True, exist_ok=True)
            export(connection, files, sql.Identifier(schema, table), folder)


def export(
    connection: psycopg.Connection,
    files: duckdb.DuckDBPyConnection,
    table: sql.Identifier,
    folder: Path,
) -> None:
    """Write a table as `rows.parquet`."""
    rows = folder / "rows.csv"
    query = sql.SQL("copy (select * from {}) to stdout (format csv, header)").format(table)
    with rows.open("wb") as file, connection.cursor().copy(query) as copy:
        for block in copy:
            file.write(block)
    # PostgreSQL writes an empty text as "" and null as an empty field.
    files.execute(
        f"copy (from read_csv('{rows}', header = true, all_varchar = true, delim = ',', "
        "quote = '\"', escape = '\"', allow_quoted_nulls = false)) "
        f"to '{folder / 'rows.parquet'}'"
    )
    rows.unlink()


if __name__ == "__main__":
    main(load_settings().home / "postgres" / "exported")
    sys.exit()
