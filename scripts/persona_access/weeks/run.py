"""Run a week: a scheduler calls this once a week, and again after a failure.

Every step finds the remaining work from the ledger, the record of builds and the current release,
so a run after a crash continues where the previous one stopped.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from persona_access.audit import record_load
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.base.gates import (
    FEED_LATE,
    GATES,
    Acceptance,
    accepted_weeks,
    gates_alone,
    how_to_accept,
)
from persona_access.base.locks import only_one
from persona_access.base.printable import counted
from persona_access.base.pseudonyms import Pseudonyms
from persona_access.base.queries import Record, asking, choose_week
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.signals import StoppedError, stops_as_themselves
from persona_access.base.warehouse import newest_build
from persona_access.base.week_build import WeekResult, project_vars
from persona_access.loader.loading import load_drop_zone
from persona_access.loader.report import LoadReport
from persona_access.outputs.publishing.destinations import bucket, is_sent, send
from persona_access.outputs.publishing.publish import Request, publish
from persona_access.outputs.release.manifest import read_manifest
from persona_access.outputs.release.release import Releases, releases_of
from persona_access.questions.causes.find import alerting_causes
from persona_access.weeks.after_run import after_run
from persona_access.weeks.build import build, lift_gates
from persona_access.weeks.plan import plan_build
from persona_access.weeks.run_record import Result, RunRecord, RunRecords
from persona_access.weeks.waiting import wait_for_feeds

_KEPT_OUTCOMES = ("loaded", "refused")


@dataclass(frozen=True)
class Order:
    """The options of one run; times in seconds, `accepted` are gates to lift."""

    due: dt.date | None = None
    wait_seconds: float = 0.0
    poll_seconds: float = 30.0
    accepted: Sequence[Acceptance] = ()
    because: str = ""
    is_publishing: bool = True


class StoppedAtGateError(PersonaAccessError):
    """A gate stopped the week; a person has to look."""


def run_weekly(
    settings: Settings,
    order: Order,
    report: Reporter = SILENT,
    watch: Callable[[RunRecord], None] = lambda _: None,
) -> None:
    """Do all remaining work for the week that is due.

    `watch` is called with the record at the end, even after an error. Raises PersonaAccessError if
    the week was not published; the run record has the reason.
    """
    with only_one(settings.home / ".run.lock", "Another run is active"):
        records = RunRecords(settings.home)
        before = records.close_interrupted()
        if before:
            report.say(
                f"The run of {before.started_at} was interrupted at the step {before.step}; "
                "this one continues from there."
            )
        due = order.due or today()
        record = records.start(due, DbtProject(settings).commit)
        run = _Run(settings, order, due, records, record, report)
        try:
            with stops_as_themselves():
                run.work()
        except (PersonaAccessError, OSError) as error:
            run.record.error = Pseudonyms(settings).hide(str(error))
            # An error of a full disk must not hide the first error.
            with suppress(OSError):
                is_stopped = isinstance(error, StoppedAtGateError)
                records.end(run.record, "stopped" if is_stopped else "failed")
            raise
        except KeyboardInterrupt as stop:
            run.record.error = stop.sentence if isinstance(stop, StoppedError) else "interrupted"
            with suppress(OSError):
                records.end(run.record, "interrupted")
            raise
        finally:
            # Also after a program error: in that case the record still has the status `running`.
            watch(run.record)
            after_run(settings, run.record, report)
        report.say(f"{run.record.result.replace('_', ' ')}: {run.record.as_of_date}")


def today() -> dt.date:
    """Return today's date in local time."""
    return dt.datetime.now().astimezone().date()


@dataclass(frozen=True)
class _Run:
    settings: Settings
    order: Order
    due: dt.date
    records: RunRecords
    record: RunRecord
    report: Reporter

    def work(self) -> None:
        with self._step("load"):
            self._wait()
        with self._step("build"):
            self._build()
        if self.order.is_publishing and not self._is_published():
            with self._step("publish"):
                self._publish()
                self.record.release = self._releases.current_name
        built: Result = "built" if self.record.weeks else "nothing_new"
        self.records.end(self.record, "published" if self.record.release else built)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Record a step before it begins, so that the record of a killed run shows its step."""
        self.record.step = name
        self.records.write(self.record)
        started = time.monotonic()
        try:
            yield
        finally:
            self.record.step_seconds[name] = round(time.monotonic() - started, 1)

    def _wait(self) -> None:
        feeds = wait_for_feeds(
            self.settings,
            self.due,
            self._load,
            wait_seconds=self.order.wait_seconds,
            poll_seconds=self.order.poll_seconds,
            report=self.report,
        )
        self.record.late_feeds = [*feeds.late, *feeds.late_optional]
        # A date one day ahead is another time zone; a later one means that the clock was set back.
        newest = feeds.newest_loaded
        if self.order.due is None and newest and (newest - self.due).days > 1:
            raise MachineError(
                f"The clock of this machine shows {self.due}, but an extract of {newest} is "
                "loaded: set the clock, or name the week with --due."
            )
        if feeds.week is None:
            self.record.gates = {FEED_LATE: feeds.late}
            raise StoppedAtGateError(
                f"Nothing of {', '.join(feeds.late)} arrived in the days up to {self.due}, so "
                "no week can be built: ask the senders, and run the command again."
            )
        self.record.as_of_date = feeds.week.isoformat()
        self.record.accepted += lift_gates(
            self.settings, self.order.accepted, self.order.because, feeds.week
        )
        is_accepted = feeds.week in accepted_weeks(self.settings.accepted_gates, FEED_LATE)
        if feeds.late and not is_accepted:
            self.record.gates = {FEED_LATE: feeds.late}
            raise StoppedAtGateError(
                f"Late for the week up to {self.due}: {', '.join(feeds.late)}. Nothing was "
                "built or published. Ask the sender, and run the command again. "
                f"{how_to_accept([FEED_LATE], str(feeds.week), self.due)} The week then uses "
                "the previous extract."
            )

    def _load(self) -> None:
        report = LoadReport(self.report)
        load_drop_zone(self.settings, report, allow_restatement=False)
        record_load(self.settings)
        known = {file["load_id"] for file in self.record.files}
        pseudonyms = Pseudonyms(self.settings)
        self.record.files += [
            {
                "file_name": pseudonyms.hide(found.file_name),
                "outcome": found.outcome,
                "feed": found.feed,
                "extract_date": found.extract_date,
                "load_id": found.load_id,
                "n_rows_loaded": found.n_rows_loaded,
                "n_rows_quarantined": found.n_rows_quarantined,
            }
            for found in report.outcomes
            if found.outcome in _KEPT_OUTCOMES and found.load_id not in known
        ]
        self.records.write(self.record)

    def _build(self) -> None:
        if not plan_build(self.settings).weeks:
            return
        try:
            build(self.settings, self.report, self._note, is_advising=False)
        except PersonaAccessError as error:
            if not self.record.gates:
                raise
            why = "; ".join(GATES[gate] for gate in self.record.gates)
            raise StoppedAtGateError(
                f"Not published: {why}. Check the rows named above. "
                f"{how_to_accept(self.record.gates, self.record.weeks[-1]['as_of_date'], self.due)}"
            ) from error

        self.record.new_causes = _new_causes(self.settings)

    def _note(self, week: WeekResult) -> None:
        self.record.weeks.append(
            {
                "as_of_date": week.as_of_date.isoformat(),
                "is_complete": week.is_complete,
                "n_nodes": week.n_nodes,
                "n_warnings": sum(" " in sentence for sentence in week.warnings),
                "seconds": round(week.seconds, 1),
            }
        )
        # The details after the names can show rows, which name people.
        names = {problem.partition(":")[0] for problem in week.problems}
        self.record.failed_tests = sorted(name for name in names if name.isidentifier())
        # Other failures cannot be accepted.
        self.record.gates = gates_alone(week.problems)
        self.records.write(self.record)

    def _publish(self) -> None:
        """Publish the week, or only send a release that an earlier run failed to send."""
        is_masked = self.settings.is_publishing_masked
        if self._is_current():
            send(self._releases, bucket(self.settings), self.report, is_masked=is_masked)
        else:
            list(publish(self.settings, Request(is_masked=[is_masked]), self.report))

    @property
    def _releases(self) -> Releases:
        return releases_of(self.settings, is_masked=self.settings.is_publishing_masked)

    def _is_published(self) -> bool:
        """Return whether the current release, also in the bucket, is from the newest build."""
        return self._is_current() and is_sent(self.settings, self._releases)

    def _is_current(self) -> bool:
        if self._releases.current_name is None:
            return False
        in_force = read_manifest(self._releases.current)["build_id"]
        return bool(in_force == newest_build(self.settings.warehouse))


def _new_causes(settings: Settings) -> list[str]:
    """Describe each large cause that opened or grew in the newest week, without naming people."""
    with asking(settings) as connection:
        found = alerting_causes(
            connection,
            choose_week(connection, None),
            project_vars(settings)["cause_alert_findings"],
        )
    return [
        f"{_news_of(cause)}, {cause['cause_kind'].replace('_', ' ')}: "
        f"{cause['action_text']} See `persona-access causes {cause['cause_rank']}`."
        for cause in found
    ]


def _news_of(cause: Record) -> str:
    if cause["is_new"]:
        return f"New cause of {counted(cause['n_findings'], 'finding')}"
    return f"A cause grew by {counted(cause['n_new'], 'finding')}"
