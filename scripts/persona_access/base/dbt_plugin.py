"""The dbt-duckdb plugin that opens the warehouse, with the encryption key if there is one.

`dbt debug` would show a key in the profile, so the key is passed here instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from persona_access.base.encryption import check_landed, unlock
from persona_access.base.errors import PersonaAccessError
from persona_access.base.project_check import check_given_vars
from persona_access.base.settings import load_settings
from persona_access.base.warehouse import attach


class Plugin(BasePlugin):
    """Hooks that dbt-duckdb calls; dbt-duckdb requires this class name."""

    # dbt-duckdb always passes them.
    creds: Any

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:  # noqa: ARG002
        """Make dbt-duckdb connect to an in-memory database."""
        self._file = creds.path
        creds.path = ":memory:"

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the files of the profile, and check that the raw layer opens with the same key."""
        self.creds.path = self._file
        # An in-memory database would spill to the working directory.
        conn.execute(f"set temp_directory = '{self._file.replace(chr(39), chr(39) * 2)}.tmp'")
        with _faults_for_dbt():
            settings = load_settings()
            flags = get_flags()  # type: ignore[no-untyped-call]
            command = getattr(flags, "WHICH", None)
            if command == "clone":
                raise PersonaAccessError(
                    "`dbt clone` would replace the tables of every week with views: to try "
                    "something on a copy, copy the home folder, and set PERSONA_ACCESS_HOME "
                    "to the copy."
                )
            check_given_vars(settings, getattr(flags, "VARS", None) or {})
            unlock(conn)
            check_landed(conn, settings.raw)
            # Commands that only show something run read-only, whatever their SQL is.
            is_read = command == "show" and Path(self._file).exists()
            attach(conn, Path(self._file), self.creds.database, read_only=is_read)
            # dbt attaches its files afterwards; this file is then already attached, and stays so.
            for other in self.creds.attach or []:
                attach(conn, Path(other.path), other.alias, read_only=other.read_only)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make the warehouse the default database."""
        cursor.execute(f'use "{self.creds.database}"')


@contextmanager
def _faults_for_dbt() -> Iterator[None]:
    """Turn our errors into errors that dbt shows without a traceback."""
    try:
        yield
    except PersonaAccessError as error:
        raise DbtRuntimeError(str(error)) from None
