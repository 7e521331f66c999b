"""The command `persona-access impact`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from persona_access.base.errors import PersonaAccessError
from persona_access.base.output import print_json
from persona_access.base.queries import Record
from persona_access.base.settings import Settings
from persona_access.questions.explain_page import described
from persona_access.questions.impact.decisions import Decisions, read_decisions
from persona_access.questions.impact.report import show, write_markdown


def run_impact(
    settings: Settings,
    revision: str | None,
    *,
    n_weeks: int,
    max_changed: int | None,
    markdown: Path | None,
    is_json: bool,
) -> None:
    """Compare the seeds of the working tree with a revision over the last loaded weeks, and report.

    Raises PersonaAccessError when a side does not build, when decisions fail a test, and when more
    people change in the newest week than `max_changed`.
    """
    decisions = read_decisions(settings.seeds, revision)
    found = collect(settings, decisions, n_weeks)
    if markdown:
        write_markdown(found, markdown)
    if is_json:
        print_json(found)
    else:
        show(found)
    check_limits(found, max_changed)


def collect(settings: Settings, decisions: Decisions, n_weeks: int) -> Record:
    """Collect the impact week by week; no week at all when no decision differs."""
    found: Record = {
        "base": decisions.revision,
        "commit": decisions.commit,
        "seed_changes": [asdict(change) for change in decisions.changes],
        "faults": [],
        "weeks": [],
    }
    if not decisions.changes:
        return found
    # Imported here, because dbt takes seconds to start and most changes are of no decision.
    from persona_access.base.week_build import complete_weeks
    from persona_access.questions.impact.compare import compare
    from persona_access.questions.impact.sides import built_sides

    weeks = complete_weeks(settings)[-n_weeks:]
    if not weeks:
        raise PersonaAccessError(
            f"No complete week is loaded in {settings.raw}: run `persona-access load` first."
        )
    with built_sides(settings, decisions, weeks, lambda text: typer.echo(text, err=True)) as sides:
        found["faults"] = sides.faults
        found["weeks"] = [compare(sides, week, is_newest=week == weeks[-1]) for week in weeks]
    return found


def check_limits(found: Record, max_changed: int | None) -> None:
    """Raise PersonaAccessError for decisions at fault, or when too many people change."""
    faults = found["faults"]
    if faults:
        raise PersonaAccessError(
            f"The decisions of the working tree would stop the build for {len(faults)} faults, the "
            f"first of them: {described(faults[0]['row'])}"
        )
    changed = found["weeks"][-1]["people_changed"] if found["weeks"] else 0
    if max_changed is not None and changed > max_changed:
        raise PersonaAccessError(
            f"People who change: {changed}, more than the {max_changed} that --max-changed allows; "
            "have the change reviewed, or raise the limit."
        )
