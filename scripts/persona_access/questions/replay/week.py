"""Build a week on a copy of the warehouse from whatever inputs are asked for."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from persona_access.base.dbt import DbtProject
from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.base.week_build import read_result
from persona_access.questions.replay.project import scratch_project, write_seeds
from persona_access.questions.why_changed.inputs import Inputs

_SELECTED = ("build", "--resource-type", "seed", "--resource-type", "model")


@dataclass(frozen=True)
class Replay:
    """A scratch project beside a copy of the warehouse, both in `folder`."""

    settings: Settings
    project: DbtProject

    def build(self, inputs: Inputs, week: date) -> Path:
        """Build the facts of a week from these inputs; returns the warehouse that holds them.

        Raises PersonaAccessError when they cannot be built.
        """
        write_seeds(self.project, inputs.seeds)
        _write_ledger(self.settings, self.project.settings.raw, inputs.files)
        outcome = self.project.invoke(
            *_SELECTED, "--select", "+fct_access_reconciliation", week=week
        )
        problems = read_result(week, 0, outcome).problems
        if problems:
            raise PersonaAccessError(f"The week {week} cannot be built again: {problems[0]}")
        return self.project.settings.warehouse


def replay_in(settings: Settings, copy: Path, folder: Path, inputs: Inputs) -> Replay:
    """Make a project of the same models in a scratch folder, with inputs of its own."""
    project = scratch_project(settings, folder, warehouse=copy)
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    (home / "raw").mkdir(parents=True)
    for part in settings.raw.iterdir():
        if part.is_dir() and part.name != "load_ledger" and not part.name.startswith("."):
            (home / "raw" / part.name).symlink_to(part)
    project.settings = project.settings.model_copy(update={"home": home})
    # dbt reads no project without the seeds that its YAML describes.
    write_seeds(project, inputs.seeds)
    return Replay(settings, project)


def _write_ledger(settings: Settings, raw: Path, files: dict[str, str]) -> None:
    """Keep only the loads of each feed that are not newer than the current one."""
    ledger = raw / "load_ledger"
    shutil.rmtree(ledger, ignore_errors=True)
    ledger.mkdir()
    newest = {
        feed: _age(settings.raw / "load_ledger" / f"{load_id}.json")
        for feed, load_id in files.items()
    }
    for record in (settings.raw / "load_ledger").glob("*.json"):
        feed, *age = _age(record)
        if feed in newest and newest[feed] >= (feed, *age):
            (ledger / record.name).symlink_to(record)


def _age(record: Path) -> tuple[str, str, int]:
    told = json.loads(record.read_text("utf-8"))
    return told["feed"], told["extract_date"] or "9999", told["version"] or 0
