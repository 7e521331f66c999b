"""Copy new loads of the raw layer into PostgreSQL.

This is not for serving: dbt builds the models there (docs/postgres.md). A load is copied in one
transaction with its record in the ledger, so the next run repeats an interrupted copy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from persona_access.base.contracts import read_raw_tables
from persona_access.base.encryption import landed
from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.printable import counted
from persona_access.base.settings import Settings
from persona_access.loader.landing import Landing
from persona_access.loader.session import file
from persona_access.outputs.postgres.copying import copy_rows
from persona_access.outputs.postgres.structure import postgres_type

_QUARANTINE = "quarantined_rows"
_LEDGER = "load_ledger"
# Every JSON record of the home, as text: the ledger, lifted gates, runs. dbt's hooks create views
# of them, with declared types.
_RECORDS = {"folder": "text", "file": "text", "record": "json"}
_LOCK_SECONDS = 5
_ANOTHER = (
    "Another process is copying the raw layer or changing its tables: wait until it is done, "
    "and run the command again."
)


def copy_raw_layer(
    connection: psycopg.Connection, files: duckdb.DuckDBPyConnection, settings: Settings
) -> tuple[int, int]:
    """Synchronise the server's raw layer with the home's; return the loads and rows copied.

    Raises SettingsError if the server has loads of another home, and MachineError if another
    process is copying, or rows of a load are missing.
    """
    connection.autocommit = True
    n_loads, n_rows = 0, 0
    with connection.cursor() as cursor:
        with _only_one(cursor):
            _make_tables(cursor, settings)
        here = {path.stem: path.read_text("utf-8") for path in _records_of(settings.raw / _LEDGER)}
        cursor.execute("select file, record::text from raw.records where folder = %s", [_LEDGER])
        there = {str(load_id): str(record) for load_id, record in cursor.fetchall()}
        if strangers := there.keys() - here.keys():
            # A ledger keeps every load, even one whose rows were pruned.
            raise SettingsError(
                f"The database contains the load {min(strangers)}, which is not in "
                f"{settings.home}: set PERSONA_ACCESS_HOME to the home that it was filled "
                "from, or PGDATABASE to another database."
            )
        for load_id, record in sorted(here.items()):
            if record == there.get(load_id):
                continue
            with connection.transaction(), _only_one(cursor):
                _refuse_second_copy(cursor, load_id, there.get(load_id))
                if load_id in there:
                    _forget_load(cursor, load_id, json.loads(there[load_id]))
                n_loads += 1
                n_rows += _copy_load(cursor, files, settings, json.loads(record))
                _insert_record(cursor, _LEDGER, load_id, record)
        with connection.transaction(), _only_one(cursor):
            _lock_records(cursor)
            _copy_other_records(cursor, files, settings)
    return n_loads, n_rows


@contextmanager
def _only_one(cursor: psycopg.Cursor) -> Iterator[None]:
    """Wait briefly for the locks of another copy; raise MachineError if it keeps them."""
    cursor.execute(f"set lock_timeout = '{_LOCK_SECONDS}s'")
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise MachineError(_ANOTHER) from error


def _lock_records(cursor: psycopg.Cursor) -> None:
    """Lock out other copies until the end of the transaction.

    A user with only read rights cannot hold this lock; any login could hold an advisory lock,
    forever.
    """
    cursor.execute("lock table raw.records in exclusive mode")


def _refuse_second_copy(cursor: psycopg.Cursor, load_id: str, known: str | None) -> None:
    """Lock the records, and check that no other process has copied the load meanwhile."""
    _lock_records(cursor)
    cursor.execute(
        "select record::text from raw.records where folder = %s and file = %s", [_LEDGER, load_id]
    )
    if cursor.fetchone() != (None if known is None else (known,)):
        raise MachineError(_ANOTHER)


def _make_tables(cursor: psycopg.Cursor, settings: Settings) -> None:
    """Create missing tables and columns."""
    cursor.execute("create schema if not exists raw")
    tables = {
        name: {column: postgres_type(type_) for column, type_ in columns.items()}
        for name, columns in read_raw_tables(settings.models).items()
        if name != _LEDGER
    }
    cursor.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
    )
    found = set(cursor.fetchall())
    for name, columns in {**tables, "records": _RECORDS}.items():
        # Even `if not exists` waits for all readers of the table.
        missing = {column: columns[column] for column in columns if (name, column) not in found}
        if not missing:
            continue
        cursor.execute(sql.SQL("create table if not exists {} ()").format(_raw(name)))
        for column, type_ in missing.items():
            cursor.execute(
                sql.SQL("alter table {} add column if not exists {} {}").format(
                    _raw(name), sql.Identifier(column), sql.SQL(type_)
                )
            )
        if "version" in columns:
            # Loads are stored one after the other, and the build reads one of each feed.
            cursor.execute(
                sql.SQL("create index if not exists {} on {} using brin (extract_date)").format(
                    sql.Identifier(f"{name}_by_date"), _raw(name)
                )
            )


def _copy_load(
    cursor: psycopg.Cursor,
    files: duckdb.DuckDBPyConnection,
    settings: Settings,
    record: dict[str, Any],
) -> int:
    """Copy the rows and the quarantined rows of a load; return the number of rows."""
    if record["load_status"] != "loaded":
        return 0
    landing = Landing(
        record["feed"],
        date.fromisoformat(record["extract_date"]),
        record["version"],
        record["file_name"],
    )
    aside = settings.raw / _QUARANTINE / f"{landing.load_id}.parquet"
    if aside.exists():
        copy_rows(cursor, _raw(_QUARANTINE), files.sql(f"from {landed(file(aside))}"))
    rows = file(settings.raw / landing.folder / "rows.parquet")
    n_rows = copy_rows(
        cursor,
        _raw(landing.feed),
        _declared(
            files.sql(f"from {landed(f'{rows}, hive_partitioning = true')}"), settings, landing.feed
        ),
    )
    if n_rows != record["n_rows_loaded"]:
        raise MachineError(f"{landing.load_id} arrived with only {counted(n_rows, 'row')}.")
    return n_rows


def _declared(
    rows: duckdb.DuckDBPyRelation, settings: Settings, table: str
) -> duckdb.DuckDBPyRelation:
    """Omit columns that a sender added; they stay in the raw layer."""
    declared = read_raw_tables(settings.models)[table]
    return rows.project(", ".join(f'"{name}"' for name in rows.columns if name in declared))


def _forget_load(cursor: psycopg.Cursor, load_id: str, record: dict[str, Any]) -> None:
    """Delete a load that has changed in the home."""
    for table in (record["feed"], _QUARANTINE) if record["load_status"] == "loaded" else ():
        cursor.execute(
            sql.SQL("delete from {} where extract_date = %s and load_id = %s").format(_raw(table)),
            [record["extract_date"], load_id],
        )
    cursor.execute("delete from raw.records where folder = %s and file = %s", [_LEDGER, load_id])


def _copy_other_records(
    cursor: psycopg.Cursor, files: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    """Copy the few records outside the ledger again."""
    cursor.execute("delete from raw.records where folder <> %s", [_LEDGER])
    for folder in (settings.accepted_gates, settings.home / "runs"):
        for path in _records_of(folder):
            _insert_record(cursor, folder.name, path.stem, path.read_text("utf-8"))
    for path in sorted(settings.status_changes.glob("*.parquet")):
        rows = files.sql(f"from {landed(file(path))} as found").project("to_json(found)")
        for (record,) in rows.fetchall():
            _insert_record(cursor, settings.status_changes.name, path.stem, record)


def _insert_record(cursor: psycopg.Cursor, folder: str, name: str, record: str) -> None:
    """Write one record."""
    cursor.execute("insert into raw.records values (%s, %s, %s)", [folder, name, record])


def _records_of(folder: Path) -> list[Path]:
    """List the records of a folder, which may be missing."""
    return sorted(folder.glob("*.json"))


def _raw(name: str) -> sql.Identifier:
    """Name a table of the raw layer."""
    return sql.Identifier("raw", name)
