"""`persona-access impact` equals the comparison of two full rebuilds, to the last person."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from persona_access.base.errors import PersonaAccessError
from persona_access.questions.impact.collect import check_limits
from persona_access.questions.replay.copies import start_from
from scenarios.bank import WEEKS
from scenarios.project import Project, Row

NEWEST = str(WEEKS[3])
APPROVED = {
    "valid_from": "2025-01-01",
    "owner": "9003",
    "author": "9004",
    "approved_by": "9001",
    "approved_on": "2024-12-20",
    "rationale": "Invented.",
}


def git(project: Project, *arguments: str) -> None:
    identity = ("-c", "user.name=Invented", "-c", "user.email=invented@example.invalid")
    subprocess.run(
        ["git", *identity, "-c", "commit.gpgsign=false", *arguments],
        cwd=project.root,
        check=True,
        capture_output=True,
    )


def committed(project: Project) -> Project:
    git(project, "init", "--initial-branch", "main")
    git(project, "add", "seeds")
    git(project, "commit", "--message", "Decisions")
    return project


def edit(project: Project, seed: str, change: Callable[[list[Row]], list[Row]]) -> None:
    with (project.root / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    project.write_seed(seed, change(rows))


def add(row: Row) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [*rows, {**APPROVED, **row}]


def remove(**key: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [row for row in rows if not key.items() <= row.items()]


def update(key: Row, values: Row) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{**row, **values} if key.items() <= row.items() else row for row in rows]


def change_decisions(project: Project) -> None:
    """Change the bank's decisions in every way: each line concerns other people."""
    added = {"management_level": "*", "cost_center": "CC-999", "persona_id": "clerk"}
    rule = {"rule_id": "R-ADDED", "rule_version": "1", "effect": "assign", **added}
    edit(project, "mapping_rules", add(rule))
    edit(project, "mapping_rules", update({"rule_id": "R-PLANNER"}, {"persona_id": "courier"}))
    edit(project, "mapping_rules", update({"rule_id": "R-TRADER"}, {"valid_to": "2026-01-20"}))
    edit(project, "mapping_rules", remove(rule_id="R-SHADOW"))
    edit(project, "mapping_rules", remove(rule_id="R-SAME-B"))
    edit(project, "persona_overrides", remove(override_id="O-1"))
    edit(project, "waivers", remove(waiver_id="W-1"))
    # The courier's satchel is what IAM calls bowling: all others who hold bowling get it in excess.
    alias = {"alias": "satchel", "application_id": "bowling"}
    edit(project, "application_aliases", add(alias))


Access = dict[tuple[str, str], tuple[str, str, str | None]]


def own_personas(project: Project, week: str) -> dict[str, str | None]:
    rows = project.query(
        f"""
        select brid, string_agg(persona_id, ' | ' order by persona_id) as personas
        from marts.fct_persona_assignments
        where as_of_date = date '{week}' and assignment_method <> 'baseline'
        group by 1
        """
    )
    return {row["brid"]: row["personas"] for row in rows}


def access(project: Project, week: str) -> Access:
    rows = project.query(
        f"select * from marts.fct_access_reconciliation where as_of_date = date '{week}'"
    )
    return {
        (row["brid"], row["application_id"]): (
            row["reconciliation_status"],
            row["reconciliation_reason"],
            row["disposition"],
        )
        for row in rows
    }


@pytest.fixture(scope="module")
def rebuilt(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build every week from its files with the changed decisions, from scratch."""
    project = built_bank.copy(tmp_path_factory.mktemp("rebuilt") / "project")
    project.settings.warehouse.unlink()
    change_decisions(project)
    # All models: the next week also reads the findings, through their history.
    project.build_models(*WEEKS.values())
    return project


@pytest.fixture(scope="module")
def changed(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = committed(built_bank.copy(tmp_path_factory.mktemp("changed") / "project"))
    change_decisions(project)
    return project


@pytest.fixture(scope="module")
def impact(changed: Project) -> dict[str, Any]:
    """Run the command over all weeks."""
    result = changed.run(
        "impact", "--weeks", "3", "--json", "--markdown", str(changed.root / "impact.md")
    )
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def week_of(impact: dict[str, Any], week: str) -> dict[str, Any]:
    (found,) = [found for found in impact["weeks"] if found["week"] == week]
    return dict(found)


@pytest.mark.parametrize("week", [str(week) for week in WEEKS.values()])
def test_everybody_whose_persona_changes_is_listed_and_nobody_else(
    impact: dict[str, Any], built_bank: Project, rebuilt: Project, week: str
) -> None:
    before, after = own_personas(built_bank, week), own_personas(rebuilt, week)
    differ = {brid: (before[brid], after[brid]) for brid in before if before[brid] != after[brid]}
    told = {
        row["brid"]: (row["personas_before"], row["personas_after"])
        for row in week_of(impact, week)["persona_changes"]
        if row["change"] == "persona"
    }
    assert told == differ
    assert told


@pytest.mark.parametrize("week", [str(week) for week in WEEKS.values()])
def test_every_pair_whose_status_changes_is_listed_and_no_other(
    impact: dict[str, Any], built_bank: Project, rebuilt: Project, week: str
) -> None:
    before, after = access(built_bank, week), access(rebuilt, week)
    no_row = ("no row", None, None)
    differ = {
        pair: (before.get(pair, no_row), after.get(pair, no_row))
        for pair in before.keys() | after.keys()
        if before.get(pair) != after.get(pair)
    }
    told = {
        (row["brid"], row["application_id"]): tuple(
            (row[f"status_{side}"], row[f"reason_{side}"], row[f"disposition_{side}"])
            for side in ("before", "after")
        )
        for row in week_of(impact, week)["status_changes"]
    }
    assert told == differ
    assert told


def test_each_kind_of_change_reaches_its_people(impact: dict[str, Any]) -> None:
    changes = {row["brid"]: row for row in week_of(impact, NEWEST)["persona_changes"]}
    added, changed, expired, removed, override = (
        changes[brid] for brid in ("5033", "5024", "5016", "5038", "5053")
    )
    assert (added["unresolved_before"], added["personas_after"]) == ("unseen_cost_center", "clerk")
    assert (changed["personas_before"], changed["personas_after"]) == ("planner", "courier")
    assert (expired["personas_before"], expired["personas_after"]) == ("trader", None)
    assert (removed["personas_before"], removed["personas_after"]) == ("clerk", "trader")
    assert (override["method_before"], override["method_after"]) == ("override", "persona_list")
    # The persona stays, but another rule answers for it.
    assert changes["5039"]["change"] == "source"


def test_expiry_counts_from_its_day(impact: dict[str, Any]) -> None:
    for week, is_expired in ((WEEKS[2], False), (WEEKS[3], True)):
        people = {row["brid"] for row in week_of(impact, str(week))["persona_changes"]}
        assert ("5016" in people) is is_expired


def test_the_first_modelling_of_an_application_is_named_as_a_trap(impact: dict[str, Any]) -> None:
    (trap,) = [
        row for row in week_of(impact, NEWEST)["traps"] if row["application_id"] == "bowling"
    ]
    assert trap["brid"] == "5047"
    assert trap["cause"] == "application modelled for the first time"
    assert (trap["reason_before"], trap["reason_after"]) == (
        "application_not_modelled",
        "never_expected",
    )


def test_people_with_a_first_persona_can_become_excess_too(impact: dict[str, Any]) -> None:
    newest = week_of(impact, NEWEST)
    flips = {
        (row["brid"], row["application_id"])
        for row in newest["status_changes"]
        if (row["status_before"], row["status_after"]) == ("unassessed", "excess")
    }
    assert {(row["brid"], row["application_id"]) for row in newest["traps"]} == flips


def test_rules_and_cells_say_what_they_became(impact: dict[str, Any]) -> None:
    newest = week_of(impact, NEWEST)
    became = {row["rule"]: row["became"] for row in newest["rule_changes"]}
    assert became["R-ADDED v1"] == "added"
    assert became["R-PLANNER v1"] == "changed"
    assert became["R-TRADER v1"] == "changed, out of force"
    assert became["R-SHADOW v1"] == "removed"
    assert became["R-EXACT v1"] == "reachable again"
    assert became["R-SAME-A v1"] == "no longer redundant"
    cells = {
        (row["management_level"], row["cost_center"]): (
            row["coverage_before"],
            row["coverage_after"],
        )
        for row in newest["cell_changes"]
    }
    assert cells["l1", "cc-999"] == ("gap", "assigned")
    assert cells["l1", "cc-200"] == ("assigned", "gap")


def test_applications_gained_and_lost_are_listed_by_persona_and_cost_center(
    impact: dict[str, Any],
) -> None:
    told = {
        (row["change"], row["persona_id"], row["cost_center"], row["application_id"]): row["people"]
        for row in week_of(impact, NEWEST)["expectations"]
    }
    assert told["gained", "clerk", "CC-999", "ledger"] == 3
    assert told["gained", "clerk", "CC-999", "wiki"] == 3
    assert told["lost", "planner", "CC-900", "forecast"] == 3
    assert told["gained", "courier", "CC-900", "bowling"] == 3


def test_the_markdown_lists_everybody(impact: dict[str, Any], changed: Project) -> None:
    markdown = (changed.root / "impact.md").read_text("utf-8")
    assert "TRAP: access that was unassessed and becomes excess" in markdown
    newest = week_of(impact, NEWEST)
    for row in newest["persona_changes"] + newest["status_changes"]:
        assert f"| {row['brid']} |" in markdown


def test_the_limit_counts_people(impact: dict[str, Any]) -> None:
    newest = week_of(impact, NEWEST)
    people = {row["brid"] for row in newest["status_changes"]} | {
        row["brid"] for row in newest["persona_changes"] if row["change"] != "source"
    }
    assert newest["people_changed"] == len(people)
    check_limits(impact, max_changed=len(people))
    with pytest.raises(PersonaAccessError, match=f"^People who change: {len(people)}, "):
        check_limits(impact, max_changed=len(people) - 1)


def test_the_warehouse_and_the_seeds_stay_as_they_were(
    impact: dict[str, Any], changed: Project, built_bank: Project
) -> None:
    assert impact["weeks"]
    assert access(changed, NEWEST) == access(built_bank, NEWEST)
    rules = (changed.root / "seeds" / "mapping_rules.csv").read_text("utf-8")
    assert rules.startswith("rule_id,rule_version")
    assert "R-ADDED" in rules


def test_decisions_that_fail_their_tests_are_named_by_row_and_column(
    built_bank: Project, tmp_path: Path
) -> None:
    project = committed(built_bank.copy(tmp_path / "project"))
    # Nothing was built yet, as in a pull request: the history starts with the compared week.
    project.settings.warehouse.unlink()
    edit(project, "waivers", remove(waiver_id="W-1"))
    pair = {"management_level": "L1", "cost_center": "CC-1*", "persona_id": "nobody"}
    rule = {"rule_id": "R-BAD", "rule_version": "1", "effect": "assign", **pair}
    edit(project, "mapping_rules", add({**rule, "approved_by": "9004"}))
    result = project.run("impact", "--json")
    assert result.exit_code == 1
    faults = {
        (fault["row"]["decision_id"], fault["row"]["column_name"], fault["row"]["value_found"])
        for fault in json.loads(result.stdout)["faults"]
    }
    assert faults == {("R-BAD v1", "persona_id", "nobody"), ("R-BAD v1", "approved_by", "9004")}
    assert "R-BAD v1" in result.stderr
    (week,) = json.loads(result.stdout)["weeks"]
    (change,) = week["status_changes"]
    assert (change["brid"], change["disposition_before"], change["disposition_after"]) == (
        "5043",
        "waived",
        "open",
    )


def test_a_seed_that_cannot_be_read_is_one_sentence(built_bank: Project, tmp_path: Path) -> None:
    project = committed(built_bank.copy(tmp_path / "project"))
    edit(project, "waivers", update({"waiver_id": "W-1"}, {"valid_to": "31.12.2026"}))
    result = project.run("impact")
    assert result.exit_code == 1
    assert "decisions of the working tree" in result.stderr
    assert "31.12.2026" in result.stderr
    assert "Traceback" not in result.output


def test_unchanged_decisions_change_nothing_and_start_no_build(
    built_bank: Project, tmp_path: Path
) -> None:
    project = committed(built_bank.copy(tmp_path / "project"))
    edit(project, "mapping_rules", lambda rows: rows[::-1])
    result = project.run("impact", "--max-changed", "0", "--markdown", str(tmp_path / "impact.md"))
    assert result.exit_code == 0
    assert "No decision differs" in result.stdout
    assert "No decision differs" in (tmp_path / "impact.md").read_text("utf-8")
    assert not (project.root / "target" / "impact").exists()


def test_a_base_that_git_does_not_know_is_one_sentence(built_bank: Project, tmp_path: Path) -> None:
    project = committed(built_bank.copy(tmp_path / "project"))
    result = project.run("impact", "--base", "no-such-branch")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "persona-access: git does not know the revision 'no-such-branch'"
    )
    shutil.rmtree(project.root / ".git")
    result = project.run("impact")
    assert result.exit_code == 1
    assert "is not in a git repository" in result.stderr


def test_what_a_killed_build_left_in_the_log_is_part_of_the_history(tmp_path: Path) -> None:
    warehouse, copy = tmp_path / "warehouse.duckdb", tmp_path / "side" / "warehouse.duckdb"
    killed = (
        f"import duckdb, os; connection = duckdb.connect('{warehouse}'); "
        "connection.execute('create table kept as select 1'); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", killed], check=False)
    assert warehouse.with_name("warehouse.duckdb.wal").exists()
    start_from(warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        assert connection.sql("from kept").fetchall() == [(1,)]
