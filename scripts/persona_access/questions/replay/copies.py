"""Make copies of the warehouse to work on, while readers use the real one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from persona_access.base.dbt import DbtProject
from persona_access.base.encryption import unlock
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.base.locks import only_one
from persona_access.base.settings import Settings
from persona_access.base.warehouse import attach, opening, reading


@dataclass(frozen=True)
class WarehouseCopy:
    """A copy of the warehouse with the same file name, by which dbt identifies a database."""

    settings: Settings
    original: Path
    _seen: os.stat_result

    def compact(self) -> None:
        """Rewrite the copy: DuckDB keeps the space, and the bytes, of removed rows."""
        old, new = self.settings.warehouse, self.settings.warehouse.with_suffix(".compact")
        with duckdb.connect() as connection:
            unlock(connection)
            for alias, file in (("old", old), ("new", new)):
                attach(connection, file, alias, read_only=False)
            connection.execute("copy from database old to new")
        new.replace(old)

    def take_over(self) -> None:
        """Replace the warehouse with the copy, atomically.

        Raises MachineError if the warehouse was written to after it was copied.
        """
        now = self.original.stat()
        if (now.st_mtime_ns, now.st_size) != (self._seen.st_mtime_ns, self._seen.st_size):
            raise MachineError(
                f"The warehouse {self.original} was written to in the meantime, so it was not "
                "replaced: check that no build runs, and run the command again."
            )
        self.settings.warehouse.replace(self.original)


@contextmanager
def warehouse_copy(settings: Settings) -> Iterator[WarehouseCopy]:
    """Copy the warehouse to a folder beside it, for one process at a time; remove it at the end.

    The warehouse does not change until `take_over`, even if this process dies. Raises
    PersonaAccessError without a warehouse, and MachineError if another process holds it.
    """
    original = settings.warehouse
    if not original.is_file():
        raise PersonaAccessError(
            f"There is no warehouse at {original}: run `persona-access build` first."
        )
    folder = original.with_name(f".{original.name}.copy")
    with only_one(folder / ".lock", f"Another process is using a copy of {original}"):
        copy = folder / original.name
        try:
            # A killed process also leaves its write-ahead log, which does not belong to the new
            # copy.
            copy.with_name(f"{copy.name}.wal").unlink(missing_ok=True)
            _flush(original)
            shutil.copyfile(original, copy)
            yield WarehouseCopy(
                settings.model_copy(update={"warehouse": copy}), original, original.stat()
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def roll_back(project: DbtProject, week: date) -> None:
    """Reset a copy to the state before the first build of a week."""
    if why := project.operate("roll_back", week=week.isoformat()):
        raise PersonaAccessError(
            f"The copy {project.settings.warehouse} cannot be reset to {week}: {why}. The "
            "warehouse is unchanged."
        )


def start_from(warehouse: Path, copy: Path) -> None:
    """Start with the history of the real warehouse, if there is one."""
    shutil.rmtree(copy.parent, ignore_errors=True)
    copy.parent.mkdir()
    if warehouse.is_file():
        with reading(warehouse):
            shutil.copy(warehouse, copy)
            # The write-ahead log of a killed build is a part of the warehouse.
            log = warehouse.with_name(f"{warehouse.name}.wal")
            if log.exists():
                shutil.copy(log, copy.parent)


def _flush(warehouse: Path) -> None:
    """Write the log of a killed process into the file, so that a copy includes it."""
    with opening(warehouse):
        pass
