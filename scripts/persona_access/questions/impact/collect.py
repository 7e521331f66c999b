"""Collect the impact of changed decisions: people who change persona, and changed statuses."""

from __future__ import annotations

from dataclasses import asdict

from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import counted, described
from persona_access.base.queries import Record
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.questions.impact.decisions import read_decisions


def collect(
    settings: Settings, revision: str | None, n_weeks: int, report: Reporter = SILENT
) -> Record:
    """Compare the seeds of the working tree with a revision over the last loaded weeks.

    Returns the impact of each week; no week if no decision differs. Raises PersonaAccessError if a
    side does not build.
    """
    decisions = read_decisions(settings.seeds, revision)
    found: Record = {
        "base": decisions.revision,
        "commit": decisions.commit,
        "seed_changes": [asdict(change) for change in decisions.changes],
        "faults": [],
        "weeks": [],
    }
    if not decisions.changes:
        return found
    # Imported here, because dbt takes seconds to start and most changes touch no decision.
    from persona_access.base.week_build import complete_weeks
    from persona_access.questions.impact.compare import compare
    from persona_access.questions.impact.sides import built_sides

    weeks = complete_weeks(settings)[-n_weeks:]
    if not weeks:
        raise PersonaAccessError(
            f"No complete week is loaded in {settings.raw}: run `persona-access load` first."
        )
    with built_sides(settings, decisions, weeks, report) as sides:
        found["faults"] = sides.faults
        found["weeks"] = [compare(sides, week, is_newest=week == weeks[-1]) for week in weeks]
    return found


def check_limits(found: Record, max_changed: int | None) -> None:
    """Raise PersonaAccessError if decisions fail a test, or too many people change."""
    faults = found["faults"]
    if faults:
        raise PersonaAccessError(
            "The decisions of the working tree would stop the build: "
            f"{counted(len(faults), 'fault')}, "
            f"the first of which is {described(faults[0]['row'])}"
        )
    changed = found["weeks"][-1]["people_changed"] if found["weeks"] else 0
    if max_changed is not None and changed > max_changed:
        raise PersonaAccessError(
            f"People who change: {changed}, more than the {max_changed} that --max-changed allows; "
            "have the change reviewed, or raise the limit."
        )
