"""Run a command with a PostgreSQL of its own, which is gone afterwards: `throw_away.py make ...`.

The server is the one of the tests (PYTHONPATH=tests/python), made ready as docs/postgres.md says.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from postgres_server import make_database, postgres_server


def main() -> int:
    """Return the command's exit code; 3 where there is no PostgreSQL."""
    try:
        # The packaged server has no ICU, by which the models fold letters.
        with postgres_server(is_installed_preferred=True) as server:
            environment = make_database(server)
            return subprocess.run(  # noqa: S603 - what the caller wrote
                sys.argv[1:], check=False, env=os.environ | environment
            ).returncode
    except pytest.skip.Exception as missing:
        sys.stderr.write(f"{missing.msg}\n")
        return 3


if __name__ == "__main__":
    sys.exit(main())
