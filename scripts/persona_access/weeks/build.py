"""The commands `persona-access build` and `persona-access rebuild`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from datetime import date

import typer

from persona_access.audit import record_build, record_found_builds
from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.base.week_build import WeekResult, build_weeks
from persona_access.questions.why_changed.command import forget_status_changes
from persona_access.weeks.plan import plan_build
from persona_access.weeks.rebuild import rebuild_weeks, weeks_since


def run_build(settings: Settings, *, watch: Callable[[WeekResult], None] = lambda _: None) -> None:
    """Build new weeks, and again all weeks from the first whose files changed.

    `watch` is called for each week before its report. Raises PersonaAccessError when a week
    fails.
    """
    record_found_builds(settings)
    plan = plan_build(settings)
    for sentence in [*plan.reasons, *plan.notes]:
        typer.echo(sentence)
    if not plan.weeks:
        typer.echo("Every loaded week is built; build weeks again with `rebuild --from DATE`.")
    elif plan.is_replay:
        forget_status_changes(settings, plan.weeks[0])
        typer.echo(f"{_weeks(plan.weeks)} built again in order; until then the warehouse stays.")
        _show(settings, rebuild_weeks(settings, plan.weeks), plan.weeks, watch)
    else:
        forget_status_changes(settings, plan.weeks[0])
        _show(settings, build_weeks(settings, plan.weeks), plan.weeks, watch)


def run_rebuild(settings: Settings, since: date) -> None:
    """Build all weeks from a date on again.

    Raises PersonaAccessError when no such week is loaded, or one fails.
    """
    record_found_builds(settings)
    weeks = weeks_since(settings, since)
    if not settings.warehouse.is_file():
        _show(settings, build_weeks(settings, weeks), weeks)
        return
    forget_status_changes(settings, weeks[0])
    typer.echo(f"{_weeks(weeks)} built again in order; until then the warehouse stays.")
    _show(settings, rebuild_weeks(settings, weeks), weeks)


def _weeks(weeks: list[date]) -> str:
    if len(weeks) == 1:
        return f"{weeks[0]} is"
    return f"The {len(weeks)} weeks from {weeks[0]} to {weeks[-1]} are"


def _show(
    settings: Settings,
    results: Generator[WeekResult],
    weeks: list[date],
    watch: Callable[[WeekResult], None] = lambda _: None,
) -> None:
    # Closed whatever happens: a rebuild then removes its copy of the warehouse.
    with closing(results):
        for result in results:
            record_build(settings, result)
            watch(result)
            _show_week(result, is_last=result.as_of_date == weeks[-1])


def _show_week(result: WeekResult, *, is_last: bool) -> None:
    verdict = "ok" if result.is_complete else "FAILED"
    typer.echo(
        f"{result.as_of_date}: {verdict}, {result.n_nodes} nodes, "
        f"{len(result.warnings)} warnings, {result.seconds:.1f} s"
    )
    for sentence in result.problems:
        typer.echo(f"  failed: {sentence}", err=True)
    # Most warnings stand for weeks; only those of the last week are still to be acted on.
    for sentence in result.warnings if is_last else []:
        typer.echo(f"  warning: {sentence}")
    if not result.is_complete:
        raise PersonaAccessError(
            f"The week {result.as_of_date} failed; no later week was built: "
            "fix what is named above and run the command again."
        )
