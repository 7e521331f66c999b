"""Every case of the specification by name: the expected rows of its people in each week.

The files are those of scenarios/bank, the expectations those of scenarios/expected. A case is
compared in the newest week and in each week of its expectations: all pairs of its people, and all
their rows in other marts with expectations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from persona_access.base.week_build import WeekResult
from scenarios.bank import HERE, WEEKS, deliver_week, feed_rows, feed_text, make_bank, read_rows
from scenarios.project import Project, Row

CASES = read_rows(HERE / "expected" / "cases.csv")
EXPECTED = {file.stem: read_rows(file) for file in (HERE / "expected").glob("[df]*.csv")}
RECONCILIATION = "fct_access_reconciliation"
NEWEST = max(WEEKS)
# The column that assigns a row to a case, if it is not the BRID.
KEYS = {
    "dim_mapping_rules": "rule_id",
    "dim_personas": "persona_id",
    "fct_alias_suggestions": "application_id",
}
# An unreadable BRID is in a separate column.
BRID = {"fct_quarantined_rows": "coalesce(brid, value_as_delivered)"}
# Access of the baseline persona is omitted, because it would hide the point of a case.
COMMON = {
    "fct_access_reconciliation": ("application_id", "badge"),
    "fct_persona_assignments": ("persona_id", "everyone"),
}
CORRECTED = "5060"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Row]]:
    """Load the bank, one week twice, and a corrected file; return the outcomes of the files."""
    project = make_bank(tmp_path_factory.mktemp("bank") / "project")
    project.load()
    deliver_week(project, 2)
    reports = {"again": json.loads(project.run("load", "--json").stdout)}
    rows = feed_rows("hr_headcount", week=1)
    for row in rows:
        if row["brid"] == CORRECTED:
            row["cost_center"] = "CC-100"
    for attempt, options in (("refused", []), ("corrected", ["--allow-restatement"])):
        project.deliver("hr_headcount", WEEKS[1], feed_text(rows))
        reports[attempt] = json.loads(project.run("load", "--json", *options).stdout)
    return project, reports


@pytest.fixture(scope="module")
def builds(loaded: tuple[Project, dict[str, Row]]) -> list[WeekResult]:
    """Build the bank's weeks in order; every dbt test must pass."""
    project, _ = loaded
    results = project.build(*WEEKS.values())
    assert [result.problems for result in results] == [[]] * len(WEEKS)
    return results


@pytest.fixture(scope="module")
def bank(loaded: tuple[Project, dict[str, Row]], builds: list[WeekResult]) -> Project:
    """Return the project with every week built."""
    assert builds
    return loaded[0]


@dataclass(frozen=True)
class Expectation:
    """The expected rows of one mart in one week for the people (or rules, ...) of a case."""

    mart: str
    week: int
    columns: list[str]
    keys: list[str]
    rows: list[Row]


def expectations(case: Row) -> Iterator[Expectation]:
    for mart, every_row in EXPECTED.items():
        rows = [row for row in every_row if row["case"] == case["case"]]
        if not rows and mart != RECONCILIATION:
            continue
        columns = [name for name in every_row[0] if name not in {"case", "week"}]
        keys = [row[KEYS[mart]] for row in rows] if mart in KEYS else case["brids"].split(";")
        for week in sorted({NEWEST} | {int(row.get("week", NEWEST)) for row in rows}):
            wanted = [
                {name: row[name] for name in columns}
                for row in rows
                if int(row.get("week", NEWEST)) == week
            ]
            yield Expectation(mart, week, columns, keys, in_order(wanted))


def found(project: Project, expected: Expectation) -> list[Row]:
    """Read rows of a mart in the form of a CSV file; rows that everybody has only if mentioned."""
    key = KEYS.get(expected.mart, BRID.get(expected.mart, "brid"))
    rows = project.query(
        f"""
        select {", ".join(expected.columns)} from marts.{expected.mart}
        where
            as_of_date = date '{WEEKS[expected.week]}'
            and {key} in ({", ".join(f"'{key}'" for key in expected.keys)})
        """
    )
    texts = [{name: as_text(value) for name, value in row.items()} for row in rows]
    column, common = COMMON.get(expected.mart, ("", ""))
    if common not in [row.get(column) for row in expected.rows]:
        texts = [row for row in texts if row.get(column) != common]
    return in_order(texts)


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: list(row.values()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_case(bank: Project, case: Row) -> None:
    for expected in expectations(case):
        where = f"{expected.mart}, week {expected.week}: {case['why']}"
        assert found(bank, expected) == expected.rows, where


def test_nobody_is_classified_outside_the_cases(bank: Project) -> None:
    classified = bank.query(f"select distinct brid from marts.{RECONCILIATION} order by brid")
    known = {brid for case in CASES for brid in case["brids"].split(";")}
    assert [row["brid"] for row in classified if row["brid"] not in known] == []
    assert len(classified) > 50


def test_every_expectation_belongs_to_a_case() -> None:
    names = {case["case"] for case in CASES}
    assert [
        row["case"] for rows in EXPECTED.values() for row in rows if row["case"] not in names
    ] == []


def test_the_same_files_again_load_nothing(loaded: tuple[Project, dict[str, Row]]) -> None:
    _, reports = loaded
    assert reports["again"]["counts"] == {
        "loaded": 0, "unchanged": 4, "refused": 0, "skipped": 0
    }  # fmt: skip


def test_a_corrected_file_for_an_old_week_needs_to_be_asked_for(
    loaded: tuple[Project, dict[str, Row]],
) -> None:
    _, reports = loaded
    assert reports["refused"]["exit_code"] == 4
    (refused,) = reports["refused"]["files"]
    assert "--allow-restatement" in refused["sentence"]
    (corrected,) = reports["corrected"]["files"]
    assert (corrected["version"], corrected["is_restatement"]) == (2, True)


def test_both_versions_of_a_corrected_file_stay_readable(bank: Project) -> None:
    versions = bank.query(
        f"""
        select version, cost_center from raw.hr_headcount
        where extract_date = date '{WEEKS[1]}' and brid = '{CORRECTED}' order by version
        """
    )
    assert [(row["version"], row["cost_center"]) for row in versions] == [
        (1, "CC-200"), (2, "CC-100")
    ]  # fmt: skip


def test_what_only_needs_a_persons_look_warns_and_stops_nothing(builds: list[WeekResult]) -> None:
    warnings = builds[-1].warnings
    assert {sentence.partition(":")[0] for sentence in warnings} == {
        "assert_decisions_are_up_to_date",
        "assert_hr_has_one_row_per_person",
        "assert_mapping_rules_all_decide_something",
        "assert_no_row_was_unreadable",
    }
    redundant = "redundant_rule: another rule gives the same persona with equal strength."
    assert (
        "assert_mapping_rules_all_decide_something: "
        f"decision_id = R-SAME-A v1, reason = {redundant}"
    ) in warnings
    expired = "It has expired, and its finding is open again. Renew it or take the access away."
    assert (
        "assert_decisions_are_up_to_date: "
        f"seed_name = waivers, decision_id = W-2, reason = {expired}"
    ) in warnings
