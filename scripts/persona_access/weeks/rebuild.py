"""Build weeks again in order, on a copy that replaces the warehouse when all are complete."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date

from persona_access.base.errors import PersonaAccessError
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.week_build import WeekResult, build_weeks, complete_weeks
from persona_access.base.week_inputs import builds_of_weeks
from persona_access.questions.replay.engine import replay


def weeks_since(settings: Settings, since: date) -> list[date]:
    """Return the loaded weeks from a date on.

    Raises PersonaAccessError if there is none, or if files of a built week are missing.
    """
    loaded = complete_weeks(settings)
    weeks = [week for week in loaded if week >= since]
    if not weeks:
        raise PersonaAccessError(
            f"No complete week from {since} on is loaded"
            + (f"; the newest is {loaded[-1]}." if loaded else f" in {settings.raw}.")
        )
    gone = [week for week in builds_of_weeks(settings.warehouse) if since <= week < weeks[0]]
    if gone:
        raise PersonaAccessError(
            f"The files of {gone[-1]} are no longer in {settings.raw}, so that week cannot be "
            f"built again: rebuild --from {weeks[0]} or later."
        )
    return weeks


def rebuild_weeks(
    settings: Settings, weeks: list[date], report: Reporter = SILENT
) -> Generator[WeekResult]:
    """Build the weeks again as if they and all later weeks had never been built.

    Yields a WeekResult for each week. The warehouse is replaced once, after the last week
    succeeded; if a week fails, or the process is killed, it stays unchanged.
    """
    with replay(settings, weeks[0]) as (replayed, copy):
        for result in build_weeks(copy.settings, weeks, report, project=replayed.project):
            yield result
            if not result.is_complete:
                return
        copy.take_over()
