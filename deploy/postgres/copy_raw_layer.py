"""Copy the raw layer of PERSONA_ACCESS_HOME to PostgreSQL (libpq's settings), before dbt runs.

Runs in the project's environment, any number of times: existing loads are not copied again.
"""

from __future__ import annotations

import os
import sys

import duckdb
import psycopg

from persona_access.audit import record
from persona_access.base.dbt import one_line
from persona_access.base.encryption import unlock
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.base.settings import load_settings
from persona_access.outputs.postgres.connect import connected
from persona_access.outputs.postgres.raw_layer import copy_raw_layer


def main() -> None:
    """Copy and print the counts; exit with an exit code of `persona-access`."""
    try:
        settings = load_settings()
        with connected(os.environ) as connection, duckdb.connect() as files:
            unlock(files)
            n_loads, n_rows = copy_raw_layer(connection, files, settings)
            said = {"database": connection.info.dbname, "n_loads": n_loads, "n_rows": n_rows}
        record(settings, "copy_raw_layer", said)
    except psycopg.Error as error:
        sys.exit(fault(f"The copy to PostgreSQL stopped: {one_line(str(error))}."))
    except PersonaAccessError as error:
        sys.exit(fault(str(error), error.exit_code))
    sys.stdout.write(f"{n_loads} loads copied ({n_rows:,} rows).\n")


def fault(sentence: str, exit_code: int = MachineError.exit_code) -> int:
    """Print what is wrong; return the exit code."""
    sys.stderr.write(f"{sentence}\n")
    return exit_code


if __name__ == "__main__":
    main()
