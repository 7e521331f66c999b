"""Build the weeks that need it, record each build, and report each result immediately."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from datetime import date

from persona_access.audit import record as audit_record
from persona_access.audit import record_build, record_found_builds
from persona_access.base.contracts import read_contracts
from persona_access.base.errors import PersonaAccessError, SettingsError
from persona_access.base.gates import GATES, Acceptance, accept, gates_alone, how_to_accept
from persona_access.base.ledger import Ledger
from persona_access.base.printable import counted
from persona_access.base.project_check import check_project
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.week_build import WeekResult, build_weeks
from persona_access.questions.why_changed.changes import forget_status_changes
from persona_access.weeks.plan import plan_build
from persona_access.weeks.rebuild import rebuild_weeks, weeks_since

Watch = Callable[[WeekResult], None]


def _nobody(_: WeekResult) -> None:
    pass


def lift_gates(
    settings: Settings, accepted: Sequence[Acceptance], because: str, week: date
) -> list[dict[str, str]]:
    """Lift and record gates, each for its own week or by default for the given week.

    Raises SettingsError, and lifts no gate, if a week has no loaded files yet.
    """
    named = {lifted.week for lifted in accepted if lifted.week}
    unknown = sorted(named - _days_loaded(settings) - {week}) if named else []
    if unknown:
        raise SettingsError(
            f"No file of {unknown[0]} is loaded, so its figures cannot be accepted yet: accept "
            "a gate when it stops its week."
        )
    records = []
    for lifted in accepted:
        record = accept(settings.accepted_gates, lifted.week or week, lifted.gate, because)
        audit_record(settings, "accept_gate", record)
        records.append(record)
    return records


def _days_loaded(settings: Settings) -> set[date]:
    ledger = Ledger(settings.raw / "load_ledger")
    return {
        date.fromisoformat(load.extract_date)
        for feed in read_contracts(settings.models)
        for load in ledger.loaded(feed)
        if load.extract_date
    }


def build(
    settings: Settings,
    report: Reporter = SILENT,
    watch: Watch = _nobody,
    *,
    accepted: Sequence[Acceptance] = (),
    because: str = "",
    is_advising: bool = True,
) -> None:
    """Build new weeks, and rebuild weeks whose files changed, with all later weeks.

    `watch` is called for each week before it is reported. A gate without a week is lifted for the
    first week to build. Raises PersonaAccessError if a week fails; with `is_advising`, the error
    explains how to accept a gate.
    """
    # Hashing every file and table of a large home takes time.
    with report.work("look for what changed"):
        check_project(settings)
        record_found_builds(settings)
        plan = plan_build(settings)
    for sentence in [*plan.reasons, *plan.notes]:
        report.say(sentence)
    if not plan.weeks:
        if accepted:
            report.say("No gate was lifted, because there is no week to build.")
        report.say("Every loaded week is built; build weeks again with `rebuild --from DATE`.")
        return
    lift_gates(settings, accepted, because, plan.weeks[0])
    forget_status_changes(settings, plan.weeks[0])
    failed: list[WeekResult] = []

    def note(week: WeekResult) -> None:
        if not week.is_complete:
            failed.append(week)
        watch(week)

    try:
        if plan.is_replay:
            _rebuild(settings, plan.weeks, report, note)
        else:
            _report(settings, build_weeks(settings, plan.weeks, report), plan.weeks, report, note)
    except PersonaAccessError as error:
        gates = gates_alone(failed[-1].problems) if failed and is_advising else {}
        if not gates:
            raise
        week = failed[-1].as_of_date
        why = "; ".join(GATES[gate] for gate in gates)
        raise PersonaAccessError(
            f"The week {week} is stopped by a gate: {why}. {how_to_accept(gates, str(week))}"
        ) from error


def rebuild(
    settings: Settings, since: date, report: Reporter = SILENT, watch: Watch = _nobody
) -> None:
    """Build all weeks from a date on again.

    Raises PersonaAccessError if no such week is loaded, or a week fails.
    """
    with report.work("look for what changed"):
        check_project(settings)
        record_found_builds(settings)
        weeks = weeks_since(settings, since)
    if not settings.warehouse.is_file():
        _report(settings, build_weeks(settings, weeks, report), weeks, report, watch)
        return
    forget_status_changes(settings, weeks[0])
    _rebuild(settings, weeks, report, watch)


def _rebuild(settings: Settings, weeks: list[date], report: Reporter, watch: Watch) -> None:
    which = (
        f"{weeks[0]} is"
        if len(weeks) == 1
        else f"The {len(weeks)} weeks from {weeks[0]} to {weeks[-1]} are"
    )
    report.say(f"{which} built again in order; the warehouse does not change before the end.")
    _report(settings, rebuild_weeks(settings, weeks, report), weeks, report, watch)


def _report(
    settings: Settings,
    results: Generator[WeekResult],
    weeks: list[date],
    report: Reporter,
    watch: Watch,
) -> None:
    # Always closed, so that a rebuild removes its copy of the warehouse.
    with closing(results), report.work("weeks", total=len(weeks)) as work:
        for result in results:
            record_build(settings, result)
            watch(result)
            _report_week(result, report, is_last=result.as_of_date == weeks[-1])
            work.advance()


def _report_week(result: WeekResult, report: Reporter, *, is_last: bool) -> None:
    verdict = "ok" if result.is_complete else "FAILED"
    report.say(
        f"{result.as_of_date}: {verdict}, {counted(result.n_nodes, 'node')}, "
        f"{counted(len(result.warnings), 'warning')}, {result.seconds:.1f} s"
    )
    for sentence in result.notes:
        report.say(f"  {sentence}")
    for sentence in result.problems:
        report.warn(f"  failed: {sentence}")
    # Most warnings repeat for weeks; only those of the last week need action.
    for sentence in result.warnings if is_last else []:
        report.say(f"  warning: {sentence}")
    if not result.is_complete:
        raise PersonaAccessError(
            f"The week {result.as_of_date} failed; no later week was built: fix the problems "
            "above and run the command again."
        )
