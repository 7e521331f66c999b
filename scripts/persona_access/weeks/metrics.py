"""Deliver figures of a run to Prometheus, as a text file or through a push gateway."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from prometheus_client import CollectorRegistry, push_to_gateway, write_to_textfile
from prometheus_client.core import GaugeMetricFamily

from persona_access.base.contracts import read_contracts
from persona_access.base.errors import MachineError
from persona_access.base.gates import GATES
from persona_access.base.ledger import Ledger, counts_for
from persona_access.base.queries import select
from persona_access.base.settings import Settings
from persona_access.base.warehouse import completed_weeks, reading
from persona_access.base.week_build import project_vars
from persona_access.outputs.release.manifest import read_manifest
from persona_access.outputs.release.release import Releases
from persona_access.questions.causes.find import alerting_causes
from persona_access.questions.causes.find import figures as figures_of_causes
from persona_access.weeks.run_record import GOOD, RunRecord

PREFIX = "persona_access"
# Every figure with its meaning; tests check dashboards and rules against these names.
METRICS = {
    "run_ended_timestamp_seconds": "When the last run ended.",
    "run_succeeded": "Whether the last run ended without a fault: 1 or 0.",
    "release_timestamp_seconds": "When the current release was published.",
    "run_interrupted": "Whether a signal ended the last run: 1 or 0.",
    "run_stopped": "Whether a gate stopped the last run, by gate: 1 or 0.",
    "run_step_seconds": "Duration of a step of the last run.",
    "run_files": "Files of the last run, by outcome.",
    "data_tests_failed": "Data tests that failed in the last run.",
    "data_tests_warned": "Data tests that warned in the last run.",
    "feed_extract_timestamp_seconds": "Midnight (UTC) of the newest extract of a feed.",
    "feed_rows": "Rows loaded of the newest extract of a feed.",
    "feed_rows_min": "Lower limit of rows: fewer are far fewer than in the previous extract.",
    "feed_rows_max": "Upper limit of rows: more are far more than in the previous extract.",
    "feed_max_age_seconds": "A feed whose extract is older than this is late for a week.",
    "feed_quarantined_share": "Share of the rows of the newest extract that were quarantined.",
    "week_timestamp_seconds": "Midnight (UTC) of the newest built week.",
    "employees": "People employed in the newest built week.",
    "unresolved_employees": "Employed people without a persona in the newest built week.",
    "findings_open": "Findings of the newest built week that need action.",
    "findings_overdue": "Of these, findings past their due date.",
    "findings_suspended": "Findings that the newest built week could not assess.",
    "match_rate": "Share of required access in place in the newest built week, from 0 to 1. Says "
    "nothing about excess.",
    "excess_rate": "Share of held and classified access of that week that should not be held.",
    "duty_violations": "Violations of segregation of duties without an approved control.",
    "persona_proposals": "Changes of personas that the newest built week suggests, by kind.",
    "listed_held_by_nobody": "Applications that a persona lists and none of its members holds.",
    "unlisted_held_by_most": "Applications that nearly all members of a persona hold, unlisted.",
    "orphan_accounts": "Accounts that hold access in the newest built week and HR does not know.",
    "orphan_accounts_suggested": "Of these, accounts with a person who is likely enough to "
    "suggest.",
    "causes": "Causes that explain the findings of the newest built week.",
    "findings_explained": "Findings that these causes explain.",
    "new_cause_findings": "New findings of a cause that opened large or grew in the newest week.",
    "pairs": "Pairs of the newest built week, by status.",
    "pairs_usual": "The accepted level of pairs, as the gates of spikes compare it, by status.",
    "pairs_max_spike": "More pairs than this beyond the usual ones are a spike, by status.",
    "disk_free_bytes": "Free space of the warehouse's file system.",
    "disk_size_bytes": "Size of the warehouse's file system.",
}
_STATUSES = ("match", "missing", "excess", "unassessed")
# Figures of the week by the name of their metric.
_OF_WEEK = {
    "employees": "n_employees",
    "unresolved_employees": "n_unresolved_employees",
    "findings_open": "n_open",
    "findings_overdue": "n_overdue",
    "findings_suspended": "n_suspended",
    "match_rate": "match_rate",
    "excess_rate": "excess_rate",
    "duty_violations": "n_duty_violations",
}
_OF_CAUSES = {"causes": "n_causes", "findings_explained": "n_explained"}


class Figures:
    """The figures of one run, as a collector for the client library."""

    def __init__(self) -> None:
        self._families: dict[str, GaugeMetricFamily] = {}

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set one figure; a name must always have the same labels."""
        if name not in self._families:
            self._families[name] = GaugeMetricFamily(
                f"{PREFIX}_{name}", METRICS[name], labels=list(labels)
            )
        self._families[name].add_metric(list(labels.values()), value)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures to the client library."""
        return iter(self._families.values())


def deliver_metrics(settings: Settings, record: RunRecord) -> None:
    """Write the figures of a run to the places in the settings.

    Raises MachineError when the push gateway cannot be reached.
    """
    registry = CollectorRegistry()
    registry.register(figures_of(settings, record))
    # Files first: a push gateway that does not answer must not prevent them.
    for place in sorted(settings.metrics, key=_is_address):
        if not _is_address(place):
            file = settings.project_root / Path(place).expanduser()
            file.parent.mkdir(parents=True, exist_ok=True)
            write_to_textfile(str(file), registry)
            continue
        try:
            push_to_gateway(place, job=PREFIX, registry=registry)
        except OSError as error:
            raise MachineError(
                f"The push gateway {place} was not reached ({error}): check that it runs and "
                "that PERSONA_ACCESS_METRICS is its address."
            ) from error


def _is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def figures_of(settings: Settings, record: RunRecord) -> Figures:
    """Measure a run, the newest extract of each feed, and the newest complete week."""
    figures = Figures()
    _measure_run(figures, record)
    _measure_feeds(figures, settings)
    _measure_release(figures, settings)
    if completed_weeks(settings.warehouse):
        measure_week(figures, settings)
    disk = shutil.disk_usage(settings.home)
    figures.set("disk_free_bytes", disk.free)
    figures.set("disk_size_bytes", disk.total)
    return figures


def _measure_run(figures: Figures, record: RunRecord) -> None:
    figures.set("run_ended_timestamp_seconds", datetime.now(UTC).timestamp())
    figures.set("run_succeeded", record.result in GOOD)
    figures.set("run_interrupted", record.result == "interrupted")
    for gate in GATES:
        figures.set("run_stopped", gate in record.gates, gate=gate)
    for step, seconds in record.step_seconds.items():
        figures.set("run_step_seconds", seconds, step=step)
    for outcome in ("loaded", "refused"):
        n_files = sum(file["outcome"] == outcome for file in record.files)
        figures.set("run_files", n_files, outcome=outcome)
    figures.set("data_tests_failed", len(record.failed_tests))
    if record.weeks:
        figures.set("data_tests_warned", record.weeks[-1]["n_warnings"])


def _measure_release(figures: Figures, settings: Settings) -> None:
    """Measure when the current release was published; of two variants, the older one counts."""
    published = [
        datetime.fromisoformat(read_manifest(releases.current)["published_at"]).timestamp()
        for releases in (Releases(settings.published), Releases(settings.published_masked))
        if releases.current_name is not None
    ]
    if published:
        figures.set("release_timestamp_seconds", min(published))


def _measure_feeds(figures: Figures, settings: Settings) -> None:
    ledger, thresholds = Ledger(settings.raw / "load_ledger"), project_vars(settings)
    default = int(thresholds["feed_max_age_days"])
    for feed, contract in read_contracts(settings.models).items():
        # For each source and day, the last version counts.
        days = sorted({found.extract_date for found in ledger.loaded(feed) if found.extract_date})
        if not days:
            continue
        loads = list(ledger.current(feed, days[-1]).values())
        figures.set("feed_rows", sum(load.n_rows_loaded for load in loads), feed=feed)
        if len(days) > 1 and not contract.accumulates:
            before = sum(load.n_rows_loaded for load in ledger.current(feed, days[-2]).values())
            shrink = _of_feed(thresholds["feed_max_shrink_share"], feed)
            growth = _of_feed(thresholds["feed_max_growth_share"], feed)
            figures.set("feed_rows_min", before * (1 - shrink), feed=feed)
            figures.set("feed_rows_max", before * (1 + growth), feed=feed)
        # Among the sources that a week needs, the one that is late first.
        needed = [load for load in loads if loads[-1].sources.get(load.source_name)] or loads
        day, age = min(
            (
                (date.fromisoformat(str(load.extract_date)), counts_for(load, default))
                for load in needed
            ),
            key=lambda found: found[0] + found[1],
        )
        figures.set("feed_extract_timestamp_seconds", _midnight(day), feed=feed)
        figures.set("feed_max_age_seconds", age.total_seconds(), feed=feed)
        n_quarantined = sum(load.n_rows_quarantined for load in loads)
        share = n_quarantined / max(1, sum(load.n_rows_read or 0 for load in loads))
        figures.set("feed_quarantined_share", share, feed=feed)


def _of_feed(shares: Mapping[str, float], feed: str) -> float:
    return shares.get(feed, shares["default"])


def measure_week(figures: Figures, settings: Settings) -> None:
    """Measure the newest week: people, findings, causes, and pairs by status."""
    thresholds = project_vars(settings)
    with reading(settings.warehouse) as connection:
        which = "order by as_of_date desc limit 1"
        weeks = select(connection, "reporting.rpt_week_figures", ["*"], which)
        if not weeks:
            return
        (newest,) = weeks
        # These marts are missing if an older release built the newest week.
        with suppress(duckdb.CatalogException):
            _measure_spikes(figures, connection, newest["as_of_date"])
            _measure_causes(figures, connection, newest["as_of_date"], thresholds)
            _measure_personas(figures, connection, newest["as_of_date"])
    figures.set("week_timestamp_seconds", _midnight(newest["as_of_date"]))
    for name, figure in _OF_WEEK.items():
        if newest[figure] is not None:
            figures.set(name, float(newest[figure]))
    for status in _STATUSES:
        figures.set("pairs", newest[f"n_{status}"], status=status)


def _measure_spikes(figures: Figures, connection: duckdb.DuckDBPyConnection, week: date) -> None:
    """Measure the level and the limit of the gates of spikes, so that alerts and gates agree."""
    rows = select(
        connection,
        "reporting.rpt_week_spikes",
        ["gate", "n_accepted_level", "max_beyond"],
        "where as_of_date = $week and n_accepted_level is not null order by gate",
        {"week": week},
    )
    for row in rows:
        status = row["gate"].removesuffix("_spike")
        if status in _STATUSES:
            figures.set("pairs_usual", float(row["n_accepted_level"]), status=status)
            figures.set("pairs_max_spike", float(row["max_beyond"]), status=status)


def _measure_causes(
    figures: Figures,
    connection: duckdb.DuckDBPyConnection,
    week: date,
    thresholds: Mapping[str, Any],
) -> None:
    counts = figures_of_causes(connection, week)
    for name, figure in _OF_CAUSES.items():
        figures.set(name, float(counts[figure]))
    for cause in alerting_causes(connection, week, thresholds["cause_alert_findings"]):
        # A name that distinguishes causes without naming a person.
        named = hashlib.sha256(cause["cause_id"].encode()).hexdigest()[:8]
        n_findings = cause["n_findings"] if cause["is_new"] else cause["n_new"]
        figures.set("new_cause_findings", n_findings, kind=cause["cause_kind"], cause=named)


def _measure_personas(figures: Figures, connection: duckdb.DuckDBPyConnection, week: date) -> None:
    of_week = {"week": week}
    kinds = select(
        connection,
        "marts.fct_persona_proposals",
        ["proposal_kind", "count(*) as n_proposals"],
        "group by 1 order by 1",
    )
    for row in kinds:
        figures.set("persona_proposals", row["n_proposals"], kind=row["proposal_kind"])
    (quality,) = select(
        connection,
        "marts.fct_persona_quality",
        [
            "coalesce(sum(n_listed_held_by_nobody), 0) as n_unheld",
            "coalesce(sum(n_unlisted_held_by_most), 0) as n_unlisted",
        ],
        "where as_of_date = $week",
        of_week,
    )
    figures.set("listed_held_by_nobody", float(quality["n_unheld"]))
    figures.set("unlisted_held_by_most", float(quality["n_unlisted"]))
    (accounts,) = select(
        connection,
        "marts.fct_access_reconciliation",
        ["count(distinct brid) as n_accounts"],
        "where as_of_date = $week and reconciliation_reason = 'orphan_account'",
        of_week,
    )
    figures.set("orphan_accounts", accounts["n_accounts"])
    (suggested,) = select(
        connection,
        "marts.fct_account_candidates",
        ["count(distinct account_brid) as n_accounts"],
        "where is_suggested",
    )
    figures.set("orphan_accounts_suggested", suggested["n_accounts"])


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
