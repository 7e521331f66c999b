"""Build on Spark the weeks that DuckDB has built, oldest first, and export the answer.

Runs in the project's environment; Spark's own is beside this file. `dbt build` with the profiles
beside this file is all that a week needs: this only chooses the weeks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from persona_access.dbt_project import AS_OF_VARIABLE
from persona_access.settings import Settings, load_settings
from persona_access.warehouse import completed_weeks

HERE = Path(__file__).parent


def main() -> int:
    """Build and export; return dbt's exit code, the first that is not 0."""
    settings = load_settings()
    for week in completed_weeks(settings.warehouse):
        status = dbt(
            settings, "build", "--exclude-resource-type", "unit_test", week=week.isoformat()
        )
        if status != 0:
            return status
    folder = settings.home / "spark" / "exported"
    return dbt(settings, "run-operation", "export_for_comparison", f"--args={{folder: {folder}}}")


def dbt(settings: Settings, *arguments: str, week: str = "") -> int:
    """Run dbt on Spark for a week, else the newest; Spark needs the home as a whole path."""
    given = {"PERSONA_ACCESS_HOME": str(settings.home.resolve()), AS_OF_VARIABLE: week}
    return subprocess.run(  # noqa: S603 - a fixed program, and no shell
        [HERE / ".venv/bin/dbt", *arguments, "--profiles-dir", HERE],
        check=False,
        cwd=settings.project_root,
        env=os.environ | given,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
