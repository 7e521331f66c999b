"""Write tables as compact JSON with DuckDB: one list for each column, one text for each row group.

A column with repeated values is `{"values": [...], "codes": [...]}`: code 0 is null, code 1 is the
first value. Any other column is a plain list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from persona_access.base.sql import statement

_REPEATS = 4
WORTH_CODING = 200


def columnar(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    *,
    order: str,
    group: str,
    names: Sequence[str] = (),
) -> Iterator[tuple[object, str]]:
    """Yield each group with its rows as JSON, in order.

    `names` are the columns to write; the default is all except those named like `_this`. `order`
    is the list of an `order by`, which must be total; `group` is an expression over the columns of
    the query and `_place`, the number of the row from 0.
    """
    parts = {"query": query, "total_order": order, "group_of_row": group}
    connection.execute(statement(__package__, "columnar_rows", **parts))
    kinds = {name: kind for name, kind, *_ in connection.execute("describe _rows").fetchall()}
    columns = names or [name for name in kinds if not name.startswith("_")]
    repeating = [name for name in columns if kinds[name] in ("VARCHAR", "DATE")]
    # The number of each column's table of values.
    coded = {name: f"_values_{at}" for at, name in enumerate(_repeating(connection, repeating))}
    _code(connection, columns, coded)
    lists = ", ".join(f'list("{name}") as "{name}"' for name in columns)
    members = ", ".join(
        f"""'{name}': {{'values': {coded[name]}.listed, 'codes': "{name}"}}"""
        if name in coded
        else f"""'{name}': "{name}\""""
        for name in columns
    )
    joins = " ".join(
        f"left join {table}_listed as {table} on grouped._group = {table}._group"
        for table in coded.values()
    )
    # One thread keeps the order of the table within each list.
    grouped = f"(select _group, count(*) as _n, {lists} from _coded group by _group)"
    document = f"to_json({{'n': _n, 'columns': {{{members}}}}})::varchar"
    result = connection.execute(
        f"select grouped._group, {document} from {grouped} as grouped {joins} order by 1"
    )
    # Texts of the next groups are created before these are written, but not all at once.
    while rows := result.fetchmany(50):
        yield from rows


def _code(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], coded: Mapping[str, str]
) -> None:
    """Assign numbers within the group to the values of coded columns, and put them in the rows.

    The distinct values are numbered and joined: a window over all rows would sort them for each
    column.
    """
    for name, table in coded.items():
        parts = {"table": table, "coded_column": f'"{name}"'}
        connection.execute(statement(__package__, "columnar_values", **parts))
    chosen = ", ".join(
        f'coalesce({coded[name]}._code, 0) as "{name}"' if name in coded else f'_rows."{name}"'
        for name in columns
    )
    joins = " ".join(
        f'left join {table} on _rows._group = {table}._group and _rows."{name}" = {table}._value'
        for name, table in coded.items()
    )
    rows = f"select _rows._group, {chosen} from _rows {joins} order by _rows._place"
    connection.execute(f"create or replace temp table _coded as {rows}")


def _repeating(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    """Choose the columns to encode: long ones with few different values."""
    if not names:
        return []
    counts = ", ".join(f'count(distinct "{name}")' for name in names)
    n_rows, *distinct = connection.execute(f"select count(*), {counts} from _rows").fetchall()[0]
    if n_rows < WORTH_CODING:
        return []
    return [name for name, n in zip(names, distinct, strict=True) if n * _REPEATS < n_rows]
