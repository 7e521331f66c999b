"""The machine's time zone and locale have no effect: the same files give the same marts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from persona_access.base.dbt import DbtProject
from persona_access.weeks.verify import hashes
from scenarios.bank import WEEKS, make_bank
from scenarios.project import Project

BUILD = """
import sys
from datetime import date
from pathlib import Path
from scenarios.project import Project

project = Project(Path(sys.argv[1]))
project.load()
project.build_models(*map(date.fromisoformat, sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("zone", "locale"),
    [("America/New_York", "C"), ("Pacific/Kiritimati", "C.UTF-8")],
)
def test_the_same_files_give_the_same_marts(
    built_bank: Project, tmp_path: Path, zone: str, locale: str
) -> None:
    there = make_bank(tmp_path / "project")
    there.leave_parse()
    subprocess.run(
        [sys.executable, "-c", BUILD, str(there.root), *map(str, WEEKS.values())],
        env=os.environ
        | {"TZ": zone, "LC_ALL": locale, "PYTHONPATH": str(Path(__file__).parents[1])},
        check=True,
        capture_output=True,
    )
    for week in WEEKS.values():
        found, expected = (
            hashes(
                DbtProject(project.settings),
                project.settings.warehouse,
                week,
                is_newest=week == WEEKS[3],
            )
            for project in (there, built_bank)
        )
        # The bank of the other tests had a file refused before its third week.
        differ = {name for name in expected if found.get(name) != expected[name]}
        assert differ <= {"fct_load_history"}, differ
        assert expected["fct_access_reconciliation"].n_rows > 50
