"""Build weeks on a copy of the warehouse, from the project's inputs or from others.

`rebuild`, `verify`, `why-changed` and `impact` all build through this engine.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from persona_access.base.contracts import read_contracts
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import PersonaAccessError
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.week_build import read_result
from persona_access.questions.replay.copies import WarehouseCopy, roll_back, warehouse_copy
from persona_access.questions.replay.inputs import Inputs
from persona_access.questions.replay.project import scratch_project, write_seeds

_WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
_MODELS = ("--resource-type", "seed", "--resource-type", "model", "--select")


@dataclass(frozen=True)
class Replay:
    """A project that builds weeks into its own warehouse; that of `settings` does not change.

    A project in a scratch folder can use other inputs.
    """

    settings: Settings
    project: DbtProject
    warehouse: Path

    def substitute(self, inputs: Inputs) -> None:
        """Use these inputs for the following builds."""
        write_seeds(self.project, inputs.seeds)
        if inputs.files is not None:
            _write_ledger(self.settings, self.project.settings.raw, inputs.files)

    def build(
        self,
        week: date,
        *selected: str,
        report: Reporter = SILENT,
        what: str = "",
    ) -> None:
        """Build a week without tests: everything, or selected seeds and models.

        `what` follows the week in messages. Raises PersonaAccessError if the week cannot be built.
        """
        flags = (*_MODELS, *selected) if selected else _WITHOUT_TESTS
        with report.work(f"build {week}{what}") as self.project.work:
            outcome = self.invoke("build", *flags, week=week)
        if problems := read_result(week, 0, outcome).problems:
            raise PersonaAccessError(f"The week {week} cannot be built{what}: {problems[0]}")

    def invoke(self, *arguments: str, week: date) -> Any:
        """Run a dbt command on the copy."""
        return self.project.invoke(*arguments, week=week, warehouse=self.warehouse)


@contextmanager
def replay(
    settings: Settings, since: date, *, folder: Path | None = None, inputs: Inputs | None = None
) -> Iterator[tuple[Replay, WarehouseCopy]]:
    """Copy the warehouse, and reset the copy to the state before the first build of a week.

    With `inputs`, weeks are built from these, by a project with the same models in `folder`.
    Raises PersonaAccessError without a warehouse, and MachineError if another process copies it.
    """
    with warehouse_copy(settings) as copy:
        if folder is None or inputs is None:
            project = DbtProject(copy.settings, is_replay=True, original=settings.warehouse)
        else:
            project = scratch_project(copy.settings, folder, settings.warehouse)
            _link_raw_layer(settings, project, folder)
            # dbt cannot read a project without the seeds that its YAML describes.
            write_seeds(project, inputs.seeds)
        roll_back(project, since)
        yield Replay(settings, project, copy.settings.warehouse), copy


def _link_raw_layer(settings: Settings, project: DbtProject, folder: Path) -> None:
    """Create the home of a scratch project: a raw layer with all files, and its own ledger."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    (home / "raw").mkdir(parents=True)
    for part in settings.raw.iterdir():
        if part.is_dir() and part.name != "load_ledger" and not part.name.startswith("."):
            (home / "raw" / part.name).symlink_to(part)
    project.settings = project.settings.model_copy(update={"home": home})


def _write_ledger(settings: Settings, raw: Path, files: Mapping[str, str]) -> None:
    """Keep only the loads of each source that are not newer than the current one.

    All answers of reviewers are kept: models read those up to the week.
    """
    ledger = raw / "load_ledger"
    shutil.rmtree(ledger, ignore_errors=True)
    ledger.mkdir()
    newest = {
        name: _age(settings.raw / "load_ledger" / f"{load_id}.json")
        for name, load_id in files.items()
    }
    accumulating = {c.feed for c in read_contracts(settings.models).values() if c.accumulates}
    for record in (settings.raw / "load_ledger").glob("*.json"):
        name, *age = _age(record)
        is_kept = name.partition("/")[0] in accumulating
        if is_kept or (name in newest and newest[name] >= (name, *age)):
            (ledger / record.name).symlink_to(record)


def _age(record: Path) -> tuple[str, str, int]:
    told = json.loads(record.read_text("utf-8"))
    source = told.get("source") or told["feed"]
    name = told["feed"] if source == told["feed"] else f"{told['feed']}/{source}"
    return name, told["extract_date"] or "9999", told["version"] or 0
