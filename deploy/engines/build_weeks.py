"""Build the weeks that DuckDB has built on another engine, oldest first: `build_weeks.py spark`.

Runs in the project's environment. The engine's own environment and profiles are in its folder
beside this one. A week needs only `dbt build` with these: this script only chooses the weeks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from persona_access.base.dbt import AS_OF_VARIABLE
from persona_access.base.settings import load_settings
from persona_access.base.warehouse import completed_weeks


def main(engine: Path) -> int:
    """Build; return the first exit code of dbt that is not 0."""
    settings = load_settings()
    for week in completed_weeks(settings.warehouse):
        # Spark needs an absolute path of the home.
        given = {
            "PERSONA_ACCESS_HOME": str(settings.home.resolve()),
            AS_OF_VARIABLE: week.isoformat(),
        }
        status = subprocess.run(  # noqa: S603 - a fixed program, and no shell
            [
                engine / ".venv/bin/dbt",
                "build",
                "--exclude-resource-type",
                "unit_test",
                "--profiles-dir",
                engine,
            ],
            check=False,
            cwd=settings.project_root,
            env=os.environ | given,
        ).returncode
        if status != 0:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1] / sys.argv[1]))
