"""Hash the content of a table, to compare whether two tables hold the same rows in any order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class ContentHash:
    """Number of rows, and a hash that does not depend on the order of rows and columns.

    Compare hashes, do not store them: the function is that of the installed DuckDB. It detects
    mistakes, not deliberate manipulation.
    """

    n_rows: int
    value: str


def content_hash(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    where: str = "true",
    *,
    without: Collection[str] = (),
) -> ContentHash:
    """Hash the rows of a table, or of any other expression that can follow `from`.

    `where` selects rows; `without` names columns to omit.
    """
    columns = sorted(
        row[0]
        for row in connection.sql(f"describe from {relation}").fetchall()
        if row[0] not in without
    )
    listed = ", ".join(f'"{column}"' for column in columns)
    # A sum, so that the same row twice counts twice, and wide enough not to overflow.
    hashed = f"coalesce(sum(hash({listed})::hugeint), 0)"
    query = f"select count(*), {hashed} from {relation} where {where}"  # noqa: S608
    row = connection.sql(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    return ContentHash(int(row[0]), f"{int(row[1]):024x}")
