"""Attribute the changes between two built weeks to causes, and store the result."""

from __future__ import annotations

from datetime import date

from persona_access.base.dbt import DbtProject
from persona_access.base.errors import PersonaAccessError
from persona_access.base.queries import Record
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.warehouse import completed_weeks
from persona_access.base.week_build import complete_weeks, read_result
from persona_access.questions.why_changed.attribution import attribute_changes


def why_changed(
    settings: Settings, earlier: date | None, later: date | None, report: Reporter = SILENT
) -> Record:
    """Attribute every change between two built weeks, by default the two newest, to one cause.

    Returns the summaries. Writes `<home>/status_changes/<earlier>_<later>.parquet` and the mart
    fct_status_changes.

    Raises PersonaAccessError if a week is not built, or cannot be built again.
    """
    built = completed_weeks(settings.warehouse)
    earlier, later = _choose(built, complete_weeks(settings), earlier, later)
    file = settings.status_changes / f"{earlier}_{later}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    found = attribute_changes(settings, earlier, later, file, report)
    with report.work("write marts.fct_status_changes"):
        _write_mart(settings, built[-1])
    return found | {"file": file}


def forget_status_changes(settings: Settings, since: date) -> None:
    """Remove stored results about weeks from a date on, because they are rebuilt."""
    for file in settings.status_changes.glob("*.parquet"):
        if file.stem.rpartition("_")[2] >= since.isoformat():
            file.unlink()


def _choose(
    built: list[date], loaded: list[date], earlier: date | None, later: date | None
) -> tuple[date, date]:
    later = later or (built[-1] if built else None)
    before = [week for week in built if later and week < later]
    earlier = earlier or (before[-1] if before else None)
    if earlier is None or later is None:
        raise PersonaAccessError("Two built weeks are needed: run `persona-access build` first.")
    for week in (earlier, later):
        if week not in built or week not in loaded:
            raise PersonaAccessError(
                f"The week {week} is not built, or its files are missing: name two built weeks."
            )
    if earlier >= later:
        raise PersonaAccessError(f"{earlier} is not before {later}: name the earlier week first.")
    return earlier, later


def _write_mart(settings: Settings, newest: date) -> None:
    outcome = DbtProject(settings).invoke("build", "--select", "+fct_status_changes", week=newest)
    problems = read_result(newest, 0, outcome).problems
    if problems:
        raise PersonaAccessError(f"marts.fct_status_changes cannot be written: {problems[0]}")
