"""Run a command with a temporary PostgreSQL server: `throw_away.py make ...`.

The server is that of the tests (PYTHONPATH=tests/python), prepared as in docs/postgres.md.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from postgres_server import make_database, postgres_server


def main() -> int:
    """Return the command's exit code, or 3 if PostgreSQL is not installed."""
    try:
        # The packaged server lacks ICU, which the models need for folding letters.
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
