"""Build weeks with dbt, oldest first, and report the result of each in plain words.

A bare `dbt build` works, too; this module only chooses the weeks and reads the results.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import duckdb

from persona_access.base.contracts import read_contracts
from persona_access.base.dbt import DbtProject, one_line
from persona_access.base.errors import PersonaAccessError
from persona_access.base.gates import FEED_LATE, accepted_weeks
from persona_access.base.ledger import Ledger, LedgerRecord, counts_for
from persona_access.base.printable import counted
from persona_access.base.project_check import read_project_vars
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.week_inputs import recorded_mart_hashes

_LEDGER_COLUMNS = (
    "{feed: 'varchar', extract_date: 'date', load_status: 'varchar', version: 'bigint', "
    "source: 'varchar', feed_sources: 'varchar', required_sources: 'varchar', "
    "max_age_days: 'bigint'}"
)
# The start of messages from stored_columns.sql about changes to stored weekly tables.
STORED_COLUMNS = "Stored columns: "


@dataclass(frozen=True)
class WeekResult:
    """The result of the build of a week; `problems` has sentences for each failed node or test.

    `invocation_id` is dbt's; the warehouse identifies the build by it, too. `marts` has the rows
    and content hash of each mart as `n_rows:content_hash`. `notes` describe changes to stored
    weeks.
    """

    as_of_date: date
    seconds: float
    n_nodes: int
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    invocation_id: str = ""
    marts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Return whether every model was built and every test passed."""
        return not self.problems

    def record(self) -> dict[str, Any]:
        """Write the result as a record."""
        return {**asdict(self), "is_complete": self.is_complete}


def project_vars(settings: Settings) -> dict[str, Any]:
    """Return the vars of the project, with the values that the models use.

    Raises SettingsError for a value that is not allowed.
    """
    return read_project_vars(settings)


def feed_max_age_days(settings: Settings) -> int:
    """Return the age from which an extract is late, unless its source declares another."""
    return int(project_vars(settings)["feed_max_age_days"])


def complete_weeks(settings: Settings) -> list[date]:
    """Return the as-of dates that can be built: every required feed has a recent enough extract.

    Weeks for which somebody accepted a late feed are included. The macro `complete_weeks` has the
    same definition.

    Raises PersonaAccessError when `week_feed` is not a required feed.
    """
    thresholds = project_vars(settings)
    max_age, week_feed = int(thresholds["feed_max_age_days"]), thresholds["week_feed"]
    contracts = read_contracts(settings.models)
    required = [c.feed for c in contracts.values() if not c.is_optional]
    if week_feed and week_feed not in required:
        raise PersonaAccessError(
            f"week_feed is '{week_feed}' in dbt_project.yml. Name a required feed, "
            f"{', '.join(required)}, or null for the dates of all feeds."
        )
    ledger = settings.raw / "load_ledger"
    if not any(ledger.glob("*.json")):
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            statement(__package__, "complete_weeks", columns=_LEDGER_COLUMNS),
            {
                "ledger": f"{ledger}/*.json",
                "max_age": max_age,
                "required": required,
                "week_feed": week_feed,
                "accumulating": [c.feed for c in contracts.values() if c.accumulates],
            },
        ).fetchall()
    accepted = accepted_weeks(settings.accepted_gates, FEED_LATE)
    return sorted({*accepted, *(row[0] for row in rows)})


@dataclass(frozen=True)
class IncompleteWeek:
    """A delivery date that is not a complete week: the missing feed or source, and since when.

    Weeks use its newest extract for `max_age_days` days.
    """

    as_of_date: date
    missing_feed: str
    newest_extract: date | None
    max_age_days: int

    def __str__(self) -> str:
        since = (
            f"its newest earlier extract is of {self.newest_extract} and can be used for "
            f"{counted(self.max_age_days, 'day')} (max_age_days)"
            if self.newest_extract
            else "it has no earlier extract"
        )
        return (
            f"{self.as_of_date} is incomplete and cannot be built: {self.missing_feed} is missing; "
            f"{since}. Ask its sender for the file, and load it."
        )


def incomplete_weeks(settings: Settings, since: date | None = None) -> list[IncompleteWeek]:
    """List the delivery dates from a given date on that belong to no complete week.

    A date belongs to the weeks that use its extracts.
    """
    default = feed_max_age_days(settings)
    weeks = complete_weeks(settings)
    contracts = read_contracts(settings.models).values()
    ledger = Ledger(settings.raw / "load_ledger")
    feeds = [contract.feed for contract in contracts if not contract.is_optional]
    loads = {feed: ledger.loaded(feed) for feed in feeds}
    counted: dict[date, timedelta] = {}
    for load in (load for of_feed in loads.values() for load in of_feed if load.extract_date):
        day = date.fromisoformat(load.extract_date or "")
        counted[day] = max(counted.get(day, timedelta()), counts_for(load, default))
    lone = [
        day
        for day, age in sorted(counted.items())
        if (since is None or day > since) and not any(day <= week <= day + age for week in weeks)
    ]
    found = []
    for day in lone:
        for feed in feeds:
            for source in _required(loads[feed], day) or [feed]:
                newest = _newest(loads[feed], source, day)
                age = counts_for(newest, default) if newest else timedelta(days=default)
                extract = date.fromisoformat(newest.extract_date or "") if newest else None
                if extract is None or day - extract > age:
                    found.append(IncompleteWeek(day, source, extract, age.days))
    return found


def _required(loads: list[LedgerRecord], day: date) -> list[str]:
    """Return the sources that a week needs, according to the newest load until the day."""
    until = [load for load in loads if (load.extract_date or "9999") <= day.isoformat()]
    return [name for name, is_needed in until[-1].sources.items() if is_needed] if until else []


def _newest(loads: list[LedgerRecord], source: str, day: date) -> LedgerRecord | None:
    """Return the newest load of a source until a day."""
    return next(
        (
            load
            for load in reversed(loads)
            if load.source_name == source and (load.extract_date or "9999") <= day.isoformat()
        ),
        None,
    )


def build_weeks(
    settings: Settings,
    weeks: list[date],
    report: Reporter = SILENT,
    *,
    project: DbtProject | None = None,
) -> Generator[WeekResult]:
    """Build weeks in order; stop after the first failure, because later weeks depend on it.

    Yields the WeekResult of each week as soon as the week is built.
    """
    project = project or DbtProject(settings)
    for week in weeks:
        started = time.monotonic()
        with report.work(f"build {week}") as project.work:
            outcome = project.invoke("build", *_without_tests_of_code(project), week=week)
        result = read_result(week, time.monotonic() - started, outcome, project.messages)
        build = project.invocation_id
        marts = recorded_mart_hashes(settings.warehouse, build) if outcome.result else {}
        yield replace(result, invocation_id=build, marts=marts)
        if not result.is_complete:
            return


def _without_tests_of_code(project: DbtProject) -> tuple[str, ...]:
    """Return flags that omit unit tests: logic does not change between commits, so CI tests it."""
    tag = "macro_unit_test"
    # dbt refuses to exclude a resource type that does not exist.
    is_used = any(tag in node.tags for node in project.manifest.nodes.values())
    return (
        *("--exclude-resource-type", "unit_test"),
        *(("--exclude", f"tag:{tag}") if is_used else ()),
    )


def read_result(
    week: date, seconds: float, outcome: Any, messages: Sequence[str] = ()
) -> WeekResult:
    """Read the result of a dbt build; messages of the macros show the rows that failed a test."""
    if outcome.exception is not None:
        return WeekResult(week, seconds, 0, [one_line(str(outcome.exception))])
    problems, warnings = [], []
    for node_result in outcome.result.results:
        status = str(node_result.status)
        sentences = [
            _sentence(node_result),
            *(line for line in messages if line.startswith(f"{node_result.node.name}: ")),
        ]
        if status in {"error", "fail", "runtime error"}:
            problems += sentences
        elif status == "warn":
            warnings += sentences
    notes = [line for line in messages if line.startswith(STORED_COLUMNS)]
    return WeekResult(week, seconds, len(outcome.result.results), problems, warnings, notes=notes)


def _sentence(node_result: Any) -> str:
    node = node_result.node
    about = one_line(node.description or "") if node.resource_type in {"test", "unit_test"} else ""
    return " ".join(
        part for part in (f"{node.name}:", one_line(node_result.message or ""), about) if part
    )
