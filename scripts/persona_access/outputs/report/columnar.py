"""Tables as compact JSON, made by DuckDB: one list a column, one text a group of rows.

A column whose values repeat is `{"values": [...], "codes": [...]}`: code 0 is null, code 1 the
first of the values. Any other is a plain list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

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

    `names` are the columns wanted; without them, all but those named like `_this`.

    `order` is the list of an `order by`, which has to be total; `group` is an expression over the
    columns of the query and `_place`, the number of the row from 0.
    """
    connection.execute(
        f"""
        create or replace temp table _rows as
        with placed as (
            select *, row_number() over (order by {order}) - 1 as _place from ({query})
        )
        select *, {group} as _group from placed
        """
    )
    kinds = {name: kind for name, kind, *_ in connection.execute("describe _rows").fetchall()}
    columns = names or [name for name in kinds if not name.startswith("_")]
    coded = _repeating(connection, [name for name in columns if kinds[name] in ("VARCHAR", "DATE")])
    codes = ", ".join(
        f"""
        case
            when "{name}" is not null
            then dense_rank() over (partition by _group, "{name}" is null order by "{name}")
            else 0
        end as "_code_{name}"
        """
        for name in coded
    )
    members = ", ".join(
        f"""
        '{name}': {{
            'values': list(distinct "{name}" order by "{name}") filter ("{name}" is not null),
            'codes': list("_code_{name}" order by _place)
        }}
        """
        if name in coded
        else f"""'{name}': list("{name}" order by _place)"""
        for name in columns
    )
    result = connection.execute(
        f"""
        with coded as (select *{", " + codes if codes else ""} from _rows)
        select _group, to_json({{'n': count(*), 'columns': {{{members}}}}})::varchar
        from coded
        group by _group
        order by _group
        """
    )
    # Text of the next groups is made before these are written, but not of all at once.
    while rows := result.fetchmany(50):
        yield from rows


def _repeating(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    """Choose the columns that are worth coding: long ones with few different values."""
    if not names:
        return []
    counts = ", ".join(f'count(distinct "{name}")' for name in names)
    n_rows, *distinct = connection.execute(f"select count(*), {counts} from _rows").fetchall()[0]
    if n_rows < WORTH_CODING:
        return []
    return [name for name, n in zip(names, distinct, strict=True) if n * _REPEATS < n_rows]
