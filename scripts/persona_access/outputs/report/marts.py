"""Open the marts that the report reads: one Parquet file each, as views with the same name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.sql import statement


@contextmanager
def reading_marts(marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the files of a folder as views named like the marts.

    Raises PersonaAccessError if one is missing, or has no week.
    """
    # One thread keeps rows in order, and needs less memory.
    with duckdb.connect(config={"threads": 1}) as connection:
        for file in sorted(marts.glob("*.parquet")):
            quoted = str(file).replace("'", "''")
            connection.execute(f"create view {file.stem} as from read_parquet('{quoted}')")
        try:
            connection.execute(statement(__package__, "open_report"))
            if connection.execute("select as_of_date from week").fetchall() == [(None,)]:
                raise PersonaAccessError(
                    f"The report cannot be written from {marts}: fct_access_reconciliation has no "
                    "row: the week has no pair of person and application to show."
                )
            yield connection
        except duckdb.CatalogException as error:
            missing = str(error).splitlines()[0]
            raise PersonaAccessError(
                f"The report cannot be written from {marts} ({missing}): publish the week again."
            ) from error
