"""Messages about weeks that are not built, not complete, or empty: each advises what can work."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from persona_access.base.errors import PersonaAccessError
from persona_access.base.ledger import Ledger, LedgerRecord
from persona_access.base.queries import choose_week, week_computed_last
from persona_access.base.settings import Settings, load_settings
from persona_access.base.week_build import complete_weeks, incomplete_weeks
from persona_access.outputs.release.gate import check_week
from persona_access.weeks.plan import plan_build

FIRST, SECOND, THIRD = (date(2026, 1, 5) + timedelta(days=7 * number) for number in range(3))
REQUIRED = ("hr_headcount", "iam_app_registry", "persona_list")


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """Make a warehouse whose first two weeks are built."""
    connection = duckdb.connect()
    connection.execute(
        f"""
        create schema marts; create schema runs; create schema raw;
        create table marts.fct_reconciliation_by_week as
            select unnest([date '{FIRST}', date '{SECOND}']) as as_of_date;
        create table marts.dim_employees (as_of_date date, brid text);
        create table marts.fct_access_reconciliation (as_of_date date, brid text);
        create table raw.week_extracts as select date '{SECOND}' as as_of_date;
        create table runs.week_builds as
            select date '{SECOND}' as as_of_date, 'b' as invocation_id,
                timestamp '2026-01-12' as started_at, true as is_complete,
                0 as n_errors, 0 as n_failures, 0 as n_skipped;
        create table runs.test_results as
            select 'b' as invocation_id, 't' as test_name, 'test' as test_kind,
                'pass' as test_status;
        """
    )
    return connection


@pytest.mark.parametrize(
    ("requested", "loaded", "advice"),
    [
        (THIRD, [FIRST, SECOND, THIRD], "It is loaded: run `persona-access build`."),
        (FIRST - timedelta(days=7), [FIRST - timedelta(days=7)], "`persona-access rebuild --from"),
        (THIRD, [FIRST, SECOND], "No complete week of that date is loaded; the nearest is"),
        (SECOND + timedelta(days=1), [], f"the nearest is {SECOND}."),
        (date(2099, 1, 1), [FIRST, SECOND, THIRD], f"the nearest is {THIRD}."),
    ],
)
def test_an_unknown_week_is_answered_with_what_can_work(
    warehouse: duckdb.DuckDBPyConnection, requested: date, loaded: list[date], advice: str
) -> None:
    with pytest.raises(PersonaAccessError) as refused:
        choose_week(warehouse, requested, loaded)
    assert advice in str(refused.value)
    assert ("rebuild" in str(refused.value)) == ("rebuild" in advice)


def test_a_week_without_employees_is_the_week_computed_last(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert week_computed_last(warehouse) == SECOND


def test_a_week_without_people_or_pairs_is_not_published(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(PersonaAccessError, match="no employee with a readable BRID"):
        check_week(warehouse, [])
    warehouse.execute(f"insert into marts.dim_employees values ('{SECOND}', '1')")
    with pytest.raises(PersonaAccessError, match="no pair of person and application"):
        check_week(warehouse, [])
    warehouse.execute(f"insert into marts.fct_access_reconciliation values ('{SECOND}', '1')")
    assert check_week(warehouse, []).as_of_date == SECOND


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(environ={"PERSONA_ACCESS_HOME": str(tmp_path / "home")})


def loaded(settings: Settings, week: date, *feeds: str) -> None:
    ledger = Ledger(settings.raw / "load_ledger")
    for feed in feeds:
        load_id = f"{feed}_{week}_v1"
        record = LedgerRecord(
            *(load_id, feed, week.isoformat(), 1, "loaded", f"{feed}.csv", "0" * 64, 1),
            *(1, 1, 0, None, False, "2026-01-01T00:00:00Z", "0"),
        )
        ledger.write(record)


def test_a_week_that_lacks_a_feed_is_named_with_the_feed_and_since_when(
    settings: Settings,
) -> None:
    loaded(settings, FIRST, *REQUIRED)
    loaded(settings, SECOND, "hr_headcount", "persona_list")
    loaded(settings, THIRD, "hr_headcount")
    assert complete_weeks(settings) == [FIRST]
    found = [
        (one.as_of_date, one.missing_feed, one.newest_extract) for one in incomplete_weeks(settings)
    ]
    assert found == [
        (SECOND, "iam_app_registry", FIRST),
        (THIRD, "iam_app_registry", FIRST),
        (THIRD, "persona_list", SECOND),
    ]
    assert str(incomplete_weeks(settings)[0]) == (
        f"{SECOND} is incomplete and cannot be built: iam_app_registry is missing; its newest "
        f"earlier extract is of {FIRST} and can be used for 6 days (max_age_days). Ask its sender "
        "for the file, and load it."
    )
    assert incomplete_weeks(settings, since=SECOND) == incomplete_weeks(settings)[1:]


def test_feeds_that_come_on_different_days_leave_no_incomplete_week(settings: Settings) -> None:
    for week in (FIRST, SECOND, THIRD):
        for number, feed in enumerate(REQUIRED):
            loaded(settings, week + timedelta(days=number), feed)
    assert incomplete_weeks(settings) == []


def test_the_plan_names_what_is_missing_when_nothing_can_be_built(settings: Settings) -> None:
    loaded(settings, FIRST, "hr_headcount")
    with pytest.raises(
        PersonaAccessError, match="persona_list is missing; it has no earlier extract"
    ):
        plan_build(settings)
    loaded(settings, SECOND, *REQUIRED)
    assert plan_build(settings).weeks == [SECOND]
    assert any("iam_app_registry is missing" in note for note in plan_build(settings).notes)
