"""Restore row-level security that was changed by hand, before anything else is done.

Policies are restored on the existing table: views on it are kept, and readers wait only briefly.
Tables whose columns changed are rebuilt later, with the release.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from persona_access.base.errors import PersonaAccessError
from persona_access.base.sql import statement
from persona_access.outputs.postgres.structure import (
    READER_KEYS,
    SIGNATURES_OF_SCHEMA,
    SIGNATURES_OF_SESSION,
    Create,
    Served,
    signatures,
)

# While a statement waits for a lock, later statements wait behind it. So it waits only briefly,
# and tries again.
_LOCK_TIMEOUT = "2s"
_N_TRIES = 20
_PAUSE_SECONDS = 1.0
# Positions within a signature of structure.py.
_OWN = (0, 1, 4, 5, 7)
_COLUMNS = 6

_WITH_STATISTICS = statement(__package__, "columns_with_statistics", table="%(table)s")
_DEPENDENTS = statement(__package__, "dependents", schema="%(schema)s", tables="%(tables)s")


def restore_policies(
    cursor: psycopg.Cursor, served: Served, tables: Mapping[str, Create]
) -> list[str]:
    """Restore row-level security of tables that are otherwise unchanged; return their names."""
    found = signatures(cursor, SIGNATURES_OF_SCHEMA, [served.schema])
    # The policies of marts depend on the keys: without keys, all tables are rebuilt with the
    # release.
    if READER_KEYS not in found:
        return []
    wanted = wanted_signatures(cursor, tables)
    restored = []
    for name, create in tables.items():
        if name not in found or found[name] == wanted[name]:
            continue
        if _structure(found[name]) != _structure(wanted[name]):
            continue
        lock(cursor, served.table(name))
        for change in _in_place(cursor, served, name, create):
            cursor.execute(change)
        restored.append(name)
    return restored


def wanted_signatures(cursor: psycopg.Cursor, tables: Mapping[str, Create]) -> dict[str, str]:
    """Return the signatures that the tables should have, by creating temporary tables."""
    for name, create in tables.items():
        for change in create(sql.Identifier("pg_temp", name), "temp table"):
            cursor.execute(change)
    wanted = signatures(cursor, SIGNATURES_OF_SESSION)
    for name in tables:
        cursor.execute(sql.SQL("drop table {}").format(sql.Identifier("pg_temp", name)))
    return wanted


def lock(cursor: psycopg.Cursor, table: sql.Identifier) -> None:
    """Lock a table for a change, without blocking its readers for long.

    Raises psycopg.errors.LockNotAvailable if a reader uses it for too long.
    """
    cursor.execute(sql.SQL("set local lock_timeout = {}").format(_LOCK_TIMEOUT))
    for number in range(1, _N_TRIES + 1):
        try:
            with cursor.connection.transaction():
                cursor.execute(sql.SQL("lock table {} in access exclusive mode").format(table))
        except psycopg.errors.LockNotAvailable:
            if number == _N_TRIES:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def dependents(
    cursor: psycopg.Cursor, served: Served, tables: Sequence[str]
) -> list[tuple[str, str, bool]]:
    """List views and functions in other schemas that read these tables.

    Returns for each its kind and owner, the table, and whether it exposes the owner's rows to
    others.
    """
    cursor.execute(_DEPENDENTS, {"schema": served.schema, "tables": list(tables)})
    return [(str(what), str(table), bool(lends)) for what, table, lends in cursor]


def refuse_dependents(found: Sequence[tuple[str, str, bool]]) -> None:
    """Raise PersonaAccessError for views on tables that have to be rebuilt."""
    if found:
        views = ", ".join(sorted({f"{what} (on {table})" for what, table, _ in found}))
        raise PersonaAccessError(
            f"These read marts whose columns change: {views}. PostgreSQL still serves the "
            "previous release, with its row rules in place. Ask their owners to drop them, or "
            "run `persona-access serve --drop-views`, which does."
        )


def _structure(signature: str) -> list[Any]:
    parts: list[Any] = json.loads(signature)
    columns = [column[:3] for column in parts[_COLUMNS]]
    return [*(parts[number] for number in _OWN), columns]


def _in_place(
    cursor: psycopg.Cursor, served: Served, name: str, create: Create
) -> list[sql.Composed]:
    table = served.table(name)
    place = {"table": table.as_string(cursor)}
    cursor.execute("select polname from pg_policy where polrelid = %(table)s::regclass", place)
    policies = [sql.Identifier(policy) for (policy,) in cursor.fetchall()]
    cursor.execute(_WITH_STATISTICS, place)
    columns = [sql.Identifier(column) for (column,) in cursor.fetchall()]
    return [
        sql.SQL("alter table {} disable row level security").format(table),
        sql.SQL("alter table {} no force row level security").format(table),
        *(sql.SQL("drop policy {} on {}").format(policy, table) for policy in policies),
        *(
            sql.SQL("alter table {} alter column {} set statistics -1").format(table, column)
            for column in columns
        ),
        # All statements except the first, which creates the table.
        *create(table, "table")[1:],
    ]
