"""Open the warehouse and its copies, with the encryption key if there is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb

from persona_access.base.encryption import encryption_key, in_words, unlock
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.base.sql import statement

T = TypeVar("T")

_HOLDER = re.compile(
    r"lock is held in (?P<program>.+?) \(PID (?P<process>\d+)\)(?: by user (?P<user>[^ .]+))?"
)


@contextmanager
def reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading only.

    Raises PersonaAccessError when nothing was built yet, MachineError when a build holds it.
    """
    if not warehouse.is_file():
        raise PersonaAccessError(
            f"There is no warehouse at {warehouse}: run `persona-access load` and then "
            "`persona-access build`, or set PERSONA_ACCESS_HOME to the folder that holds it."
        )
    with opening(warehouse, read_only=True) as connection:
        yield connection


@contextmanager
def opening(file: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file under its own name; create it if it is opened for writing.

    Raises MachineError if another process holds it, and SettingsError if the key is wrong.
    """
    with duckdb.connect() as connection:
        unlock(connection)
        attach(connection, file, file.stem, read_only=read_only)
        connection.execute(f'use "{file.stem}"')
        yield connection


def attach(
    connection: duckdb.DuckDBPyConnection, file: Path, alias: str, *, read_only: bool = True
) -> None:
    """Attach a DuckDB file to a connection that has the key.

    Raises MachineError if another process holds it, SettingsError if the key is wrong, and
    PersonaAccessError if its folder does not exist.
    """
    key = encryption_key()
    options = [
        *(["read_only"] if read_only else []),
        *([f"encryption_key '{key}'"] if key else []),
    ]
    quoted = str(file).replace("'", "''")
    try:
        connection.execute(
            f"attach '{quoted}' as \"{alias}\"" + (f" ({', '.join(options)})" if options else "")
        )
    except duckdb.IOException as error:
        if not file.parent.is_dir():
            raise PersonaAccessError(
                f"There is no folder {file.parent} for the warehouse: run `persona-access "
                "load`, or set PERSONA_ACCESS_HOME to the folder that contains the warehouse."
            ) from error
        raise MachineError(_held_by(file, str(error).splitlines()[0])) from error
    except duckdb.Error as error:
        # Not chained: the failed statement contains the key.
        raise in_words(error, file) from None


def in_little_memory(
    connection: duckdb.DuckDBPyConnection, settings: Settings, work: Callable[[], T]
) -> T:
    """Do work under the connection's own low limit of memory, or again under that of the settings.

    A low limit keeps a command small, as blocks that were read are not cached; what a week of a
    million people needs is more. `work` must leave nothing behind when it fails. Raises
    MachineError if the limit of the settings is too low, too.
    """
    try:
        return work()
    except duckdb.OutOfMemoryException:
        connection.execute(f"set memory_limit = '{settings.memory_limit}'")
    try:
        return work()
    except duckdb.OutOfMemoryException as error:
        raise MachineError(
            f"The week needs more memory than PERSONA_ACCESS_MEMORY_LIMIT ({settings.memory_limit})"
            " allows: raise it, or free disk space for what does not fit, and run the command "
            "again."
        ) from error


def _held_by(file: Path, reason: str) -> str:
    """Name the process that holds a warehouse, from DuckDB's message: program, process id, user."""
    if found := _HOLDER.search(reason):
        program, process, user = found["program"], found["process"], found["user"]
        by = f"{Path(program).name}, process {process}" + (f" of {user}" if user else "")
        return (
            f"The warehouse {file} is in use by {by}: close it there, or wait until that "
            "process ends, and run the command again."
        )
    if "lock" in reason.lower():
        return (
            f"The warehouse {file} is in use by another process: close it there, or wait until "
            f"that process ends, and run the command again. ({reason})"
        )
    return (
        f"The warehouse {file} cannot be opened: check the disk, and that this user can write "
        f"it, or restore it from a backup. ({reason})"
    )


def completed_weeks(warehouse: Path) -> list[date]:
    """Return the as-of dates whose newest build was complete and without failures, in order."""
    if not warehouse.is_file():
        return []
    with reading(warehouse) as connection:
        if not has_relation(connection, "runs", "week_builds"):
            return []
        rows = connection.sql(statement(__package__, "newest_builds")).fetchall()
    return [week for week, _, is_complete in rows if is_complete]


def has_relation(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Return whether the warehouse has a table or view."""
    names = "from information_schema.tables where table_schema = ? and table_name = ?"
    return connection.execute(names, [schema, name]).fetchone() is not None


def newest_build(warehouse: Path) -> str | None:
    """Return the id of the last build of a whole week, even if it failed; None if there is none."""
    if not completed_weeks(warehouse):
        return None
    with reading(warehouse) as connection:
        row = connection.sql(
            "select arg_max(invocation_id, started_at) from runs.week_builds"
        ).fetchone()
    return str(row[0]) if row else None
