"""Python and dbt agree on which dates are weeks if feeds arrive on different days."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from persona_access.base.errors import PersonaAccessError
from persona_access.base.ledger import Ledger, LedgerRecord
from persona_access.base.week_build import complete_weeks, incomplete_weeks
from persona_access.weeks.waiting import week_feeds
from scenarios.bank import WEEKS, feed_rows, feed_text, seeds
from scenarios.project import ROOT, Project, make_project

DAYS_BEFORE = {"hr_headcount": 2, "iam_app_registry": 1, "persona_list": 0}


@pytest.fixture(scope="module")
def staggered(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Load two deliveries of three feeds, each on a different day."""
    project = make_project(tmp_path_factory.mktemp("staggered") / "project", seeds())
    for week in (1, 2):
        for feed, days in DAYS_BEFORE.items():
            day = WEEKS[week] - timedelta(days=days)
            project.deliver(feed, day, feed_text(feed_rows(feed, week)))
    project.load()
    return project


def name_week_feed(project: Project, feed: str) -> None:
    text = (ROOT / "dbt_project.yml").read_text("utf-8")
    assert "  week_feed: null\n" in text
    changed = text.replace("  week_feed: null\n", f"  week_feed: {feed}\n")
    (project.root / "dbt_project.yml").write_text(changed, "utf-8")


def test_every_date_with_all_feeds_of_its_last_days_is_a_week(staggered: Project) -> None:
    shutil.copy(ROOT / "dbt_project.yml", staggered.root)
    before = (timedelta(days=2), timedelta(days=1), timedelta(0))
    assert complete_weeks(staggered.settings) == [WEEKS[1], *(WEEKS[2] - days for days in before)]


@pytest.mark.parametrize(
    ("feed", "weeks"),
    [
        ("persona_list", [WEEKS[1], WEEKS[2]]),
        # Its first date comes before the others' first files.
        ("hr_headcount", [WEEKS[2] - timedelta(days=2)]),
    ],
)
def test_only_dates_of_the_named_feed_are_weeks(
    staggered: Project, feed: str, weeks: list[object]
) -> None:
    name_week_feed(staggered, feed)
    assert complete_weeks(staggered.settings) == weeks


def test_dbt_takes_the_newest_date_of_the_named_feed(staggered: Project, tmp_path: Path) -> None:
    project = staggered.copy(tmp_path / "project")
    name_week_feed(project, "hr_headcount")
    outcome = project._dbt.invoke("seed", "--select", "waivers")
    assert outcome.success, outcome.exception
    (found,) = project.query("select distinct as_of_date from raw.week_extracts")
    assert found["as_of_date"] == WEEKS[2] - timedelta(days=2)


@pytest.mark.parametrize("feed", ["hr_headcuont", "persona_members"])
def test_only_a_required_feed_can_be_named(staggered: Project, feed: str) -> None:
    name_week_feed(staggered, feed)
    with pytest.raises(PersonaAccessError, match=f"week_feed is '{feed}'.*Name a required feed"):
        complete_weeks(staggered.settings)


HR, IAM, LIST = "hr_headcount", "iam_app_registry", "persona_list"
MONDAYS = [date(2026, 9, 7) + timedelta(days=7 * n) for n in range(12)]
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (
    date(2026, month, day) for month, day in ((8, 31), (9, 30), (10, 31), (11, 30))
)


@pytest.fixture(scope="module")
def undelivered(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Create a project with an empty raw layer."""
    project = make_project(tmp_path_factory.mktemp("undelivered") / "project", seeds())
    project.load("--init")
    return project


def loads(
    feed: str,
    days: Iterable[date],
    max_age_days: int | None = None,
    source: str = "",
    *,
    is_required: bool = True,
) -> list[LedgerRecord]:
    """Return the records of files of one source."""
    names = (f",{source},", f",{source}," if is_required else ",") if source else ("", "")
    return [
        LedgerRecord(
            *(f"{feed}_{day}_v1", feed, day.isoformat(), 1, "loaded", f"{feed}.csv", "0" * 64, 1),
            *(1, 1, 0, None, False, "2026-01-01T00:00:00Z", "0"),
            source=source,
            feed_sources=names[0],
            required_sources=names[1],
            max_age_days=max_age_days,
        )
        for day in days
    ]


WEEKLY = [*loads(HR, MONDAYS), *loads(IAM, MONDAYS)]
MONTHS = (AUGUST, SEPTEMBER, OCTOBER)


@pytest.mark.parametrize(
    ("ledger", "weeks"),
    [
        # A monthly list creates no week itself, and no week fails because of it.
        ([*WEEKLY, *loads(LIST, MONTHS, 35)], MONDAYS),
        # Without its own limit, the list creates a week, and only the following week is built.
        (
            [*WEEKLY, *loads(LIST, MONTHS)],
            [SEPTEMBER, date(2026, 10, 5), OCTOBER, date(2026, 11, 2)],
        ),
        # After 2026-10-05 the list of August is too old.
        ([*WEEKLY, *loads(LIST, [AUGUST], 35)], MONDAYS[:5]),
        # A source that a week does not need is never too old.
        ([*WEEKLY, *loads(LIST, [AUGUST], 35, "list", is_required=False)], MONDAYS),
        # The first list begins the history; the next Monday continues it.
        ([*WEEKLY[:1], *WEEKLY[12:13], *loads(LIST, [date(2026, 9, 9)], 35)], [date(2026, 9, 9)]),
        # If everything is delivered monthly, there is one week a month.
        ([load for feed in (HR, IAM, LIST) for load in loads(feed, MONTHS, 35)], list(MONTHS)),
    ],
)
def test_a_source_says_how_long_weeks_count_its_files(
    undelivered: Project, tmp_path: Path, ledger: list[LedgerRecord], weeks: list[date]
) -> None:
    project = undelivered.copy(tmp_path / "project")
    written = Ledger(project.settings.raw / "load_ledger")
    for record in ledger:
        written.write(record)
    assert complete_weeks(project.settings) == weeks
    outcome = project._dbt.invoke("seed", "--select", "waivers")
    assert outcome.success, outcome.exception
    by_dbt = project._dbt.invoke(
        "compile", "--inline", "{{ complete_weeks() | join(' ') if execute }}"
    )
    assert by_dbt.success, by_dbt.exception
    assert by_dbt.result.results[0].node.compiled_code.split() == list(map(str, weeks))
    (counted,) = project.query(
        f"select as_of_date, max_age_days from raw.week_extracts where feed = '{LIST}'"
    )
    newest = max(load.extract_date or "" for load in ledger if load.feed == LIST)
    assert counted["as_of_date"] == weeks[-1]
    assert counted["max_age_days"] == (
        next(load.max_age_days for load in ledger if load.extract_date == newest) or 6
    )


def test_a_list_older_than_its_own_limit_is_named_with_it(
    undelivered: Project, tmp_path: Path
) -> None:
    settings = undelivered.copy(tmp_path / "project").settings
    ledger = Ledger(settings.raw / "load_ledger")
    for record in [*WEEKLY, *loads(LIST, [AUGUST], 35)]:
        ledger.write(record)
    assert week_feeds(settings, MONDAYS[4]).late == []
    assert week_feeds(settings, MONDAYS[4]).week == MONDAYS[4]
    assert week_feeds(settings, MONDAYS[5]).late == [LIST]
    assert week_feeds(settings, MONDAYS[5]).week == MONDAYS[5]
    assert str(incomplete_weeks(settings)[0]) == (
        f"{MONDAYS[5]} is incomplete and cannot be built: persona_list is missing; its newest "
        f"earlier extract is of {AUGUST} and can be used for 35 days (max_age_days). Ask its "
        "sender for the file, and load it."
    )
    for record in loads(LIST, [AUGUST], 35, "list", is_required=False):
        ledger.write(record)
    late = week_feeds(settings, MONDAYS[5])
    assert (late.week, late.late, late.late_optional) == (MONDAYS[5], [], ["list"])


def test_feeds_that_stopped_make_no_week_of_a_list_that_counts(
    undelivered: Project, tmp_path: Path
) -> None:
    settings = undelivered.copy(tmp_path / "project").settings
    ledger = Ledger(settings.raw / "load_ledger")
    for record in [
        *loads(HR, MONDAYS[:2]),
        *loads(IAM, MONDAYS[:2]),
        *loads(LIST, [SEPTEMBER], 35),
    ]:
        ledger.write(record)
    found = week_feeds(settings, date(2026, 10, 20))
    assert (found.week, found.late) == (None, [HR, IAM])


def test_files_of_a_month_are_in_time_until_the_next(undelivered: Project, tmp_path: Path) -> None:
    settings = undelivered.copy(tmp_path / "project").settings
    ledger = Ledger(settings.raw / "load_ledger")
    for feed in (HR, IAM, LIST):
        for record in loads(feed, [OCTOBER], 35):
            ledger.write(record)
    found = week_feeds(settings, NOVEMBER)
    assert (found.week, found.late) == (OCTOBER, [])
