"""Gates compare a week with the accepted level, so that one wave stops once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from persona_access.base.gates import accept, how_to_accept, stopped_gates
from persona_access.base.warehouse import opening
from persona_access.base.week_build import read_result
from scenarios.bank import WEEKS
from scenarios.project import Project

NEWEST = WEEKS[3]
FEW = {"leavers_spike": 5, "excess_spike": 5, "missing_spike": 1000, "unresolved_spike": 5}
SHARES = dict.fromkeys(FEW, 0.0)


@pytest.fixture
def bank(built_bank: Project, tmp_path: Path) -> Project:
    """Copy the built bank; its trend is to be changed."""
    return built_bank.copy(tmp_path / "project")


def rewrite_trend(bank: Project, column: str, *counts: int) -> list[date]:
    """Write the newest weeks of the trend with these counts; returns their dates."""
    weeks = [NEWEST - timedelta(weeks=back) for back in range(len(counts))][::-1]
    with opening(bank.settings.warehouse) as connection:
        table = "marts.fct_reconciliation_by_week"
        connection.execute(f"create temp table one as from {table} where as_of_date = ?", [NEWEST])
        connection.execute(f"delete from {table}")
        for week, count in zip(weeks, counts, strict=True):
            connection.execute(f"update one set as_of_date = ?, {column} = ?", [week, count])
            connection.execute(f"insert into {table} from one")
    return weeks


def stopped(bank: Project, **variables: object) -> dict[str, list[str]]:
    """Run the gates of the newest week."""
    given = {"week_min_spikes": FEW, "week_max_spike_shares": SHARES, **variables}
    tests = "assert_week_has_no_spike assert_week_can_be_classified"
    outcome = bank._dbt.invoke(
        *("test", "--select", *tests.split(), "--vars", json.dumps(given)), week=NEWEST
    )
    return stopped_gates(read_result(NEWEST, 0, outcome, bank._dbt.messages).problems)


@pytest.mark.parametrize(
    ("counts", "is_stopped"),
    [
        ((10, 11, 10, 12, 10, 118), True),
        # Two weeks in a row at the new level move it.
        ((10, 11, 10, 12, 118, 118), False),
        ((10, 11, 10, 12, 118, 140), True),
        # Back to the usual level, and the next wave stops again.
        ((10, 118, 118, 10, 11, 10, 118), True),
    ],
)
def test_one_wave_stops_once(bank: Project, counts: tuple[int, ...], is_stopped: bool) -> None:
    rewrite_trend(bank, "n_excess", *counts)
    assert ("excess_spike" in stopped(bank)) == is_stopped


@pytest.mark.parametrize(("n_missing", "is_stopped"), [(399, True), (9, False)])
def test_more_than_half_of_what_few_people_need_is_a_spike(
    bank: Project, n_missing: int, is_stopped: bool
) -> None:
    # 1,000 are many more than the bank's people need.
    assert FEW["missing_spike"] > n_missing
    rewrite_trend(bank, "n_missing", 1, 1, 1, n_missing)
    assert ("missing_spike" in stopped(bank)) == is_stopped


@pytest.mark.parametrize(("least", "is_stopped"), [(2, True), (50, False)])
def test_a_headcount_that_lost_most_of_a_cost_center_stops(
    bank: Project, least: int, is_stopped: bool
) -> None:
    with opening(bank.settings.warehouse) as connection:
        connection.execute(
            "insert into marts.fct_movements by name select one.* replace (before.brid as brid, "
            f"date '{NEWEST}' as as_of_date, 'leaver' as movement_type, "
            "true as is_gone_from_hr_file) from (from marts.fct_movements limit 1) as one "
            "cross join intermediate.int_employee_weeks as before "
            f"where before.as_of_date = '{WEEKS[2]}' and before.cost_center = 'CC-100' "
            "and before.is_employed and before.brid not in "
            f"(select brid from marts.fct_movements where as_of_date = '{NEWEST}')"
        )
    many = dict.fromkeys(FEW, 1000)
    found = stopped(bank, week_min_spikes=many, week_min_count=least)
    assert ("leavers_spike" in found) == is_stopped
    if is_stopped:
        assert any("cost_center = CC-100" in row for row in found["leavers_spike"])


def test_what_somebody_accepted_is_the_level_from_then_on(bank: Project) -> None:
    # The week after the accepted one has fewer, so that only the acceptance tells the level.
    weeks = rewrite_trend(bank, "n_excess", 10, 11, 10, 118, 112, 118)
    assert "excess_spike" in stopped(bank)
    accept(bank.settings.accepted_gates, weeks[3], "excess_spike", "A hiring wave.")
    assert "excess_spike" not in stopped(bank)


def test_an_accepted_share_of_people_without_a_persona_stands(bank: Project) -> None:
    weeks = rewrite_trend(bank, "n_unresolved_employees", 20, 20, 20)
    variables = {
        "week_min_count": 1,
        "week_max_shares": {"unresolved_share": 0.1, "unreadable_keys": 1},
    }
    found = stopped(bank, **variables)
    assert list(found) == ["unresolved_share"]
    # The run record and the messages name nobody.
    assert "examples" not in found["unresolved_share"][0]
    accept(bank.settings.accepted_gates, weeks[0], "unresolved_share", "No rules yet.")
    assert stopped(bank, **variables) == {}
    rewrite_trend(bank, "n_unresolved_employees", 20, 20, 30)
    assert list(stopped(bank, **variables))[:1] == ["unresolved_share"]


def test_a_first_week_without_anybody_employed_stops(bank: Project) -> None:
    rewrite_trend(bank, "n_employees", 0)
    assert "no_employees" in stopped(bank)


def test_the_commands_that_go_on_are_whole() -> None:
    for_run = how_to_accept(["feed_size"], "2026-01-26", date(2026, 1, 27))
    assert "persona-access run --due 2026-01-27 --accept feed_size:2026-01-26 --because" in for_run
    for_build = how_to_accept(["feed_size", "excess_spike"], "2026-01-26")
    options = "--accept feed_size:2026-01-26 --accept excess_spike:2026-01-26 --because"
    assert f"persona-access build {options}" in for_build
