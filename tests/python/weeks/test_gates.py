"""Gates compare a week with the accepted level, so that one wave stops only once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from persona_access.base.gates import accept, how_to_accept, stopped_gates
from persona_access.base.warehouse import opening
from persona_access.base.week_build import read_result
from persona_access.weeks.metrics import Figures, measure_week
from scenarios.bank import WEEKS
from scenarios.project import Project, Row

NEWEST = WEEKS[3]
FEW = {"leavers_spike": 5, "excess_spike": 5, "missing_spike": 1000, "unresolved_spike": 5}
SHARES = dict.fromkeys(FEW, 0.0)


@pytest.fixture
def bank(built_bank: Project, tmp_path: Path) -> Project:
    """Copy the built bank, to change its trend."""
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


def rewrite_columns(bank: Project, week: date, feed: str, **values: str) -> None:
    """Give columns of a landed file another value, a SQL expression."""
    file = bank.settings.raw / feed / f"extract_date={week}" / "version=1" / "rows.parquet"
    changed = ", ".join(f"{value} as {column}" for column, value in values.items())
    with opening(bank.settings.warehouse) as connection:
        connection.execute(f"create temp table rewritten as from read_parquet('{file}')")
        file.chmod(0o600)
        connection.execute(
            f"copy (select * replace ({changed}) from rewritten) to '{file}' (format parquet)"
        )
        connection.execute("drop table rewritten")


def broken_rows(bank: Project, test: str, **variables: object) -> list[Row]:
    """Return all rows that break a test in the newest week."""
    outcome = bank._dbt.invoke(
        *("test", "--select", test, "--vars", json.dumps(variables)), week=NEWEST
    )
    (result,) = (found for found in outcome.result if found.node.name == test)
    return bank.query(result.node.compiled_code)


def shifted_columns(bank: Project, **variables: object) -> set[str]:
    """Return the columns of the newest files whose values shifted, according to the gate."""
    rows = broken_rows(bank, "assert_columns_keep_their_values", **variables)
    return {row["column_name"] for row in rows}


def stopped(bank: Project, **variables: object) -> dict[str, list[str]]:
    """Run the gates of the newest week."""
    given = {"week_min_spikes": FEW, "week_max_spike_shares": SHARES, **variables}
    # The limits are a view of the build.
    nodes = "rpt_week_spikes assert_week_has_no_spike assert_week_can_be_classified"
    outcome = bank._dbt.invoke(
        *("build", "--select", *nodes.split(), "--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(given)),
        week=NEWEST,
    )
    return stopped_gates(read_result(NEWEST, 0, outcome, bank._dbt.messages).problems)


def usual_excess(bank: Project) -> float:
    """Return the level of excess pairs from which Prometheus measures a spike."""
    figures = Figures()
    measure_week(figures, bank.settings)
    (samples,) = (
        family.samples
        for family in figures.collect()
        if family.name == "persona_access_pairs_usual"
    )
    (level,) = (sample.value for sample in samples if sample.labels == {"status": "excess"})
    return level


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
    # The week after the accepted one has fewer, so only the acceptance determines the level.
    weeks = rewrite_trend(bank, "n_excess", 10, 11, 10, 118, 112, 118)
    assert "excess_spike" in stopped(bank)
    assert usual_excess(bank) == 112
    accept(bank.settings.accepted_gates, weeks[3], "excess_spike", "A hiring wave.")
    assert "excess_spike" not in stopped(bank)
    # The alert compares with the same level as the gate.
    assert usual_excess(bank) == 115


def test_an_accepted_share_of_people_without_a_persona_stands(bank: Project) -> None:
    weeks = rewrite_trend(bank, "n_unresolved_employees", 20, 20, 20)
    variables = {
        "week_min_count": 1,
        "week_max_shares": {"unresolved_share": 0.1, "unreadable_keys": 1},
    }
    found = stopped(bank, **variables)
    assert list(found) == ["unresolved_share"]
    # The run record and the messages do not name people.
    assert "examples" not in found["unresolved_share"][0]
    accept(bank.settings.accepted_gates, weeks[0], "unresolved_share", "No rules yet.")
    assert stopped(bank, **variables) == {}
    rewrite_trend(bank, "n_unresolved_employees", 20, 20, 30)
    assert list(stopped(bank, **variables))[:1] == ["unresolved_share"]


def test_a_first_week_without_anybody_employed_stops(bank: Project) -> None:
    rewrite_trend(bank, "n_employees", 0)
    assert "no_employees" in stopped(bank)


ONE_VALUE = {
    "hr_headcount": {
        "employment_status": "'on leave'",
        "worker_type": "'contractor'",
        "management_level": "'L9'",
        "cost_center": "'CC-1'",
        "department": "'All'",
        "job_title": "'Clerk'",
        "hire_date": "null",
        "termination_date": "'2026-12-31'",
    },
    "iam_app_registry": {
        "account_status": "'disabled'",
        "entitlement": "'Read'",
        "is_privileged": "'true'",
        "granted_date": "'2026-01-26'",
        "expires_date": "'2026-01-26'",
        "last_used_date": "'2026-01-26'",
    },
    "persona_list": {"requirement": "'optional'", "is_baseline": "'true'"},
    "persona_members": {"valid_from": "'2026-01-26'", "valid_to": "'2026-01-26'"},
}
# A value that few rows had, and none has any more.
RARE = {
    "iam_app_registry": {
        "account_status": "case when row_number % 8 = 0 then 'disabled' end",
        "is_privileged": "case when row_number % 8 = 0 then 'yes' else 'no' end",
        "expires_date": "case when row_number % 8 = 0 then '2026-06-30' end",
    },
    "persona_list": {"is_baseline": "case when row_number % 3 = 0 then 'true' end"},
}
VANISHED = {
    "hr_headcount": {"employment_status": "'active'", "termination_date": "null"},
    "iam_app_registry": {
        "account_status": "'active'",
        "is_privileged": "'no'",
        "expires_date": "null",
    },
    "persona_list": {"is_baseline": "'false'"},
}


@pytest.mark.parametrize(
    ("before", "values"), [({}, ONE_VALUE), (RARE, VANISHED)], ids=["one value", "no rare value"]
)
def test_a_column_that_says_one_thing_in_every_row_stops(
    bank: Project, before: dict[str, dict[str, str]], values: dict[str, dict[str, str]]
) -> None:
    for feed, columns in before.items():
        for week in (WEEKS[2], NEWEST):
            rewrite_columns(bank, week, feed, **columns)
    assert shifted_columns(bank, week_min_count=2) == set()
    for feed, columns in values.items():
        rewrite_columns(bank, NEWEST, feed, **columns)
    found = shifted_columns(bank, week_min_count=2)
    assert found == {column for columns in values.values() for column in columns}
    for week, is_open in ((WEEKS[2], False), (NEWEST, True)):
        accept(bank.settings.accepted_gates, week, "column_values", "A new register.")
        assert (shifted_columns(bank, week_min_count=2) == set()) == is_open


# Two values, by which half of the rows has which.
HALVES = {
    "hr_headcount": {"cost_center": ("brid", "RET-100", "OPS-200")},
    "iam_app_registry": {
        "account_status": ("brid || application_id", "active", "disabled"),
        "is_privileged": ("brid || application_id", "yes", "no"),
    },
    "persona_list": {"requirement": ("persona_id || application_id", "mandatory", "optional")},
}


def halve(bank: Project, week: date, *, is_exchanged: bool = False) -> None:
    """Give columns two values, in halves that are the same rows each week unless exchanged."""
    for feed, columns in HALVES.items():
        rewrite_columns(
            bank,
            week,
            feed,
            **{
                name: f"case when hash({key}) % 2 = {int(is_exchanged)} "
                f"then '{one}' else '{other}' end"
                for name, (key, one, other) in columns.items()
            },
        )


def test_values_that_change_places_stop(bank: Project) -> None:
    def exchanged() -> set[str]:
        rows = broken_rows(bank, "assert_values_keep_their_rows", week_min_count=2)
        return {row["column_name"] for row in rows}

    for week in (WEEKS[2], NEWEST):
        halve(bank, week)
    assert exchanged() == set()
    halve(bank, NEWEST, is_exchanged=True)
    assert exchanged() == {name for columns in HALVES.values() for name in columns}
    # The halves of a short list are not equal.
    assert shifted_columns(bank) <= {"requirement"}
    accept(bank.settings.accepted_gates, NEWEST, "column_values", "New names.")
    assert exchanged() == set()


@pytest.mark.parametrize(("n_weeks", "n_told"), [(1, 0), (2, 1)])
def test_a_row_that_stays_unreadable_for_long_is_reported(
    bank: Project, n_weeks: int, n_told: int
) -> None:
    with opening(bank.settings.warehouse) as connection:
        fact = "marts.fct_access_reconciliation"
        connection.execute(
            "create temp table doubted as select * replace "
            "('membership_row_quarantined' as reconciliation_reason) "
            f"from {fact} where as_of_date = '{NEWEST}' and is_in_hr limit 1"
        )
        for back in range(n_weeks):
            connection.execute(
                f"insert into {fact} select * replace (date '{NEWEST - timedelta(weeks=back)}' "
                "as as_of_date) from doubted"
            )
    rows = broken_rows(bank, "assert_no_row_was_unreadable", quarantine_doubt_weeks=1)
    told = [row["n_rows"] for row in rows if row["reason"] == "membership_row_quarantined"]
    assert told == [1] * n_told


def test_the_commands_that_go_on_are_whole() -> None:
    for_run = how_to_accept(["feed_size"], "2026-01-26", date(2026, 1, 27))
    assert "persona-access run --due 2026-01-27 --accept feed_size:2026-01-26 --because" in for_run
    for_build = how_to_accept(["feed_size", "excess_spike"], "2026-01-26")
    options = "--accept feed_size:2026-01-26 --accept excess_spike:2026-01-26 --because"
    assert f"persona-access build {options}" in for_build
    # Missing rules are not a reason to deliver a file again.
    assert "write the rules" not in for_run + for_build
    assert "write the rules" in how_to_accept(["unresolved_share"], "2026-01-26")
