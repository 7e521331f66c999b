"""The loader's DuckDB connection: in memory, bounded, offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from persona_access.base.encryption import landed, unlock
from persona_access.base.errors import DISK_FAULT, MachineError

Connection = duckdb.DuckDBPyConnection


@contextmanager
def open_session(*, memory_limit: str, spill: Path) -> Iterator[Connection]:
    """Open DuckDB with the memory limit; it spills below the given folder."""
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            # Work files of one run reuse names, and the cache identifies files by name.
            "enable_external_file_cache": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    try:
        unlock(connection)
        yield connection
    finally:
        connection.close()


@contextmanager
def planned_plainly(connection: Connection) -> Iterator[None]:
    """Plan long conditions as they are written.

    DuckDB would otherwise turn each list of words into a join, and repeat all conditions of a
    column below its values: most of the time that the load of a small file took. Not for a query
    of all rows, which the plain plan makes ten times as slow.
    """
    connection.execute("set disabled_optimizers = 'in_clause,filter_pushdown'")
    try:
        yield
    finally:
        connection.execute("reset disabled_optimizers")


@contextmanager
def machine_faults_in_words() -> Iterator[None]:
    """Explain a full disk or too little memory in a sentence; pass on other DuckDB errors."""
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise MachineError(
            "The memory limit is too low for this file: raise PERSONA_ACCESS_MEMORY_LIMIT "
            "or free disk space for spilling."
        ) from error
    except duckdb.IOException as error:
        cause = DISK_FAULT.search(str(error))
        if cause is None and "write" not in str(error).lower():
            raise
        raise MachineError(
            f"The raw layer cannot be written ({cause[0] if cause else error}): free disk space "
            "or give this user write permission, then run the command again."
        ) from error


def text(value: object) -> str:
    """Write a value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def name(identifier: str) -> str:
    """Write an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def file(path: Path) -> str:
    """Write a path as an SQL literal for exactly this file, even if its name has wildcards."""
    return text(re.sub(r"([\[*?])", r"[\1]", str(path)))


def set_variables(connection: Connection, **values: object) -> None:
    """Set variables of DuckDB, which also views and macros can read, with `getvariable`."""
    for variable, value in values.items():
        connection.execute(f"set variable {variable} = $value", {"value": value})


def columns_of(connection: Connection, parquet: Path) -> list[str]:
    """Return the columns of a landed file."""
    described = connection.execute(f"describe from {landed(file(parquet))}").fetchall()
    return [str(row[0]) for row in described]


def scalar(connection: Connection, query: str) -> int:
    """Return the one whole number that a query gives."""
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    return int(row[0] or 0)
