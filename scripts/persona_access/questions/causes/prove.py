"""Prove a patch: build the week with and without it, and compare the findings that end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from persona_access.base.project_check import header_of_seed
from persona_access.base.queries import Record, ask
from persona_access.base.report import SILENT, Reporter
from persona_access.base.scratch import scratch_folder
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.warehouse import reading
from persona_access.questions.causes.patch import Patch
from persona_access.questions.replay.copies import start_from
from persona_access.questions.replay.engine import Replay
from persona_access.questions.replay.inputs import Inputs
from persona_access.questions.replay.project import scratch_project

_FINDINGS = statement(__package__, "standing_findings")


def prove(settings: Settings, patch: Patch, report: Reporter = SILENT) -> Record:
    """Replay the week of the patch as if it were approved.

    Returns the predicted and the actual numbers of ended and opened findings. Raises
    PersonaAccessError if the week does not build with the patch.
    """
    now = {file.name: file.read_bytes().decode() for file in sorted(settings.seeds.glob("*.csv"))}
    name = f"{patch.seed}.csv"
    approved = {"approved_by": patch.author, "approved_on": patch.week.isoformat()}
    header = header_of_seed(settings, patch.seed)
    patched = {**now, name: patch.added_to(now.get(name, ""), header, **approved)}
    with scratch_folder(settings, "apply") as folder:
        sides = {side: folder / side / settings.warehouse.name for side in ("base", "work")}
        base = settings.model_copy(update={"warehouse": sides["base"]})
        project = scratch_project(base, folder, settings.warehouse)
        found = {}
        for side, seeds, what in (
            ("base", now, "without the patch"),
            ("work", patched, "with the patch"),
        ):
            replay = Replay(settings, project, sides[side])
            replay.substitute(Inputs(seeds))
            start_from(settings.warehouse, replay.warehouse)
            replay.build(patch.week, "+fct_finding_weeks", report=report, what=f" {what}")
            found[side] = _findings(replay.warehouse, patch.week)
    return {
        "predicted_ending": patch.cause["n_ending"],
        "replayed_ending": len(found["base"] - found["work"]),
        "predicted_opening": patch.cause["n_opening"],
        "replayed_opening": len(found["work"] - found["base"]),
    }


def _findings(warehouse: Path, week: date) -> set[tuple[str, ...]]:
    with reading(warehouse) as connection:
        return {tuple(row.values()) for row in ask(connection, _FINDINGS, {"week": week})}
