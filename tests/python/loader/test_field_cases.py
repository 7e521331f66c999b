"""Cases from the field: files as systems really write them, and results that must not occur.

Each folder beside the project has files, a README and an expect.json: whether the week must stop,
and queries that must return no row. The files are loaded and built week by week.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scenarios.project import ROOT, Project, make_project

CASES = ROOT.parent / "shared" / "data" / "cases"
NAMES = (
    sorted(folder.name for folder in CASES.iterdir() if folder.name[0].isdigit())
    if CASES.is_dir()
    else []
)
# Release 0.1.0 had another name for this mart.
RENAMED = {"fct_surviving" + "_access": "fct_residual_access"}


@dataclass
class Verdict:
    """The result of a case: whether and where it stopped, the messages, and the project."""

    project: Project
    said: list[str] = field(default_factory=list)
    stopped_at: str | None = None


def copy_decisions(project: Project, decisions: Path) -> None:
    for file in decisions.glob("*.csv"):
        shutil.copy(file, project.root / "seeds" / file.name)
        (project.root / "seeds" / file.name).chmod(0o644)


def go_through(folder: Path, project: Project) -> Verdict:
    """Load and build the weeks of a folder in order, until something stops."""
    verdict = Verdict(project)
    weeks = sorted({date.fromisoformat(found) for found in _dates(folder)})
    project.settings.drop_zone.mkdir(parents=True, exist_ok=True)
    for week in weeks:
        for file in folder.glob(f"*_{week}.*"):
            shutil.copy(file, project.settings.drop_zone / file.name)
        loaded = project.run("load")
        verdict.said.append(loaded.output)
        if loaded.exit_code != 0:
            verdict.stopped_at = f"load of {week}"
            return verdict
        for result in project.build(week):
            verdict.said.extend(result.problems)
            if result.problems:
                verdict.stopped_at = f"build of {week}"
                return verdict
    return verdict


def _dates(folder: Path) -> list[str]:
    return [
        found[0] for file in folder.iterdir() if (found := re.search(r"\d{4}-\d\d-\d\d", file.name))
    ]


def as_of_this_release(query: str) -> str:
    for old, new in RENAMED.items():
        query = query.replace(old, new)
    return query


@pytest.fixture(scope="module")
def cases() -> Path:
    if not CASES.is_dir():
        pytest.skip(f"no cases at {CASES}")
    return CASES


@pytest.mark.parametrize("name", NAMES)
def test_case(cases: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected: dict[str, Any] = {"stops": "may"}
    expectation = cases / name / "expect.json"
    if expectation.is_file():
        expected |= json.loads(expectation.read_text("utf-8"))
    for variable, value in expected.get("env", {}).items():
        monkeypatch.setenv(variable, value)
    project = make_project(tmp_path / "project", {})
    copy_decisions(project, cases / "_decisions")
    verdict = go_through(cases / name, project)
    told = "\n".join(verdict.said)
    if expected["stops"] == "must":
        assert verdict.stopped_at is not None, told
    elif expected["stops"] == "no":
        assert verdict.stopped_at is None, told
    if verdict.stopped_at is None:
        for query in expected.get("bad", []):
            assert project.query(as_of_this_release(query)) == [], (query, told)
