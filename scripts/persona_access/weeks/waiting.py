"""Wait for the feeds of a week."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from persona_access.base.contracts import read_contracts
from persona_access.base.ledger import Ledger, LedgerRecord, counts_for
from persona_access.base.report import Reporter
from persona_access.base.settings import Settings
from persona_access.base.week_build import complete_weeks, feed_max_age_days
from persona_access.loader.drop_zone import listing, nap, zones
from persona_access.loader.feed_mappings.read import read_mappings, sources


@dataclass(frozen=True)
class WeekFeeds:
    """The loaded feeds of the due week: late feeds or their sources, and the newest date.

    Optional feeds count only if they were delivered before. `week` is None without any extract of
    a required feed. The week can be built completely if no required feed is late.
    """

    week: date | None
    late: list[str]
    late_optional: list[str]
    newest_loaded: date | None


def week_feeds(settings: Settings, due: date) -> WeekFeeds:
    """Find the extracts of the days up to the due date in the ledger."""
    default = feed_max_age_days(settings)
    ledger = Ledger(settings.raw / "load_ledger")
    found: list[date] = []
    newest: list[date] = []
    late, late_optional = [], []
    ages = []
    for contract in read_contracts(settings.models).values():
        loads = ledger.loaded(contract.feed)
        newest += _dates(loads)
        for source, is_required in _sources(loads, contract.feed, due).items():
            of_source = [load for load in loads if load.source_name == source]
            counting = [
                load
                for load in of_source
                if any(day <= due <= day + counts_for(load, default) for day in _dates([load]))
            ]
            if is_required and not contract.is_optional:
                found += _dates(counting)
                ages += [counts_for(load, default) for load in counting]
                if not counting:
                    late.append(source)
            elif not counting and of_source and not contract.accumulates:
                late_optional.append(source)
    # If every source delivers monthly, there is one week a month.
    span = min(ages, default=timedelta()) if not late else timedelta()
    first = due - max(timedelta(days=default), span)
    weeks = found if late else complete_weeks(settings)
    return WeekFeeds(
        week=max((week for week in weeks if first <= week <= due), default=None),
        late=late,
        late_optional=late_optional,
        newest_loaded=max(newest, default=None),
    )


def _sources(loads: list[LedgerRecord], feed: str, due: date) -> dict[str, bool]:
    """Return the sources of a feed until a day, and whether a week needs each."""
    until = [load for load in loads if load.extract_date and load.extract_date <= due.isoformat()]
    return until[-1].sources if until else {feed: True}


def _dates(loads: list[LedgerRecord]) -> set[date]:
    return {date.fromisoformat(load.extract_date) for load in loads if load.extract_date}


def wait_for_feeds(
    settings: Settings,
    due: date,
    load: Callable[[], None],
    *,
    wait_seconds: float,
    poll_seconds: float,
    report: Reporter,
) -> WeekFeeds:
    """Load whenever a drop zone changes, until every feed is loaded or the time is up.

    Waiting uses a monotonic clock, so changes of the system clock have no effect.
    """
    contracts = read_contracts(settings.models)
    places = zones(settings, sources(contracts, read_mappings(settings.feeds, contracts)))
    deadline = time.monotonic() + wait_seconds

    def look() -> set[tuple[object, ...]]:
        return {(zone, *item) for zone in places for item in listing(zone, places[zone])}

    seen = look()
    load()
    feeds = week_feeds(settings, due)
    told: list[str] = []
    while (waiting_for := feeds.late + feeds.late_optional) and time.monotonic() < deadline:
        if waiting_for != told:
            report.say(f"Waiting for {', '.join(waiting_for)} of the week up to {due}.")
            told = waiting_for
        with report.work(f"wait for {', '.join(waiting_for)}"):
            nap(places, max(0.0, min(poll_seconds, deadline - time.monotonic())))
        now = look()
        # Files that the load moved are not changes.
        if now - seen:
            load()
            feeds = week_feeds(settings, due)
        seen = now
    return feeds
