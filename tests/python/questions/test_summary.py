"""The summary of a week matches the marts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.bank import WEEKS
from scenarios.project import Project

NEWEST = WEEKS[3]


@pytest.fixture(scope="module")
def summary(built_bank: Project) -> dict[str, Any]:
    result = built_bank.run("summary", "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_it_is_of_the_newest_week(summary: dict[str, Any]) -> None:
    assert summary["week"] == str(NEWEST)
    assert summary["weeks"] == [str(week) for week in WEEKS.values()]
    assert summary["unfinished_weeks"] == []


def test_statuses_are_those_of_the_fact(built_bank: Project, summary: dict[str, Any]) -> None:
    in_the_fact = built_bank.query(
        f"""
        select
            reconciliation_status as status,
            reconciliation_reason as reason,
            count(*) as pairs,
            count(*) filter (where disposition = 'waived') as waived
        from marts.fct_access_reconciliation
        where as_of_date = date '{NEWEST}'
        group by 1, 2
        """
    )
    shown = [
        {name: row[name] for name in ("status", "reason", "pairs", "waived")}
        for row in summary["statuses"]
    ]
    assert sorted(shown, key=str) == sorted(in_the_fact, key=str)
    assert {"waived": 1, "reason": "never_expected"}.items() <= next(
        row for row in shown if row["waived"] and row["status"] == "excess"
    ).items()


def test_the_trend_ends_with_the_week_and_adds_up(summary: dict[str, Any]) -> None:
    *_, last = summary["trend"]
    assert last["week"] == str(NEWEST)
    for status in ("match", "missing", "excess", "unassessed"):
        assert last[status] == sum(
            row["pairs"] for row in summary["statuses"] if row["status"] == status
        )
    assert last["open_findings"] == sum(row["open"] for row in summary["statuses"])
    assert last["unresolved"] == sum(row["people"] for row in summary["unresolved"])


def test_the_worst_personas_come_first(summary: dict[str, Any]) -> None:
    counts = [row["open_findings"] for row in summary["worst_personas"]]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 5
    assert counts[-1] > 0


def test_quarantined_rows_and_refused_files_are_named(summary: dict[str, Any]) -> None:
    reasons = {(row["feed"], row["reason"]) for row in summary["quarantined"]}
    assert {("iam_app_registry", "grant_expired"), ("hr_headcount", "bad_key")} <= reasons
    (refused,) = summary["refused_files"]
    assert refused["file"] == "hr_headcount_2026-01-19.csv"
    assert "full_name" in refused["reason"]
    assert refused["was_replaced"] is False


def test_an_older_week_has_its_own_counts(built_bank: Project) -> None:
    older = json.loads(built_bank.run("summary", "--week", str(WEEKS[1]), "--json").stdout)
    assert older["week"] == str(WEEKS[1])
    assert [row["week"] for row in older["trend"]] == [str(WEEKS[1])]
    assert older["quarantined"] is None, "the mart keeps the newest week only"


def test_the_page_is_readable_without_a_terminal(built_bank: Project) -> None:
    page = built_bank.run("summary").stdout
    assert "\x1b" not in page
    assert f"as of {NEWEST}" in page
    assert "never_granted" in page
    assert "seeds/mapping_rules.csv" in page


def test_a_week_that_is_not_built_is_refused_in_a_sentence(built_bank: Project) -> None:
    result = built_bank.run("summary", "--week", "2026-01-06")
    assert result.exit_code == 1
    assert "2026-01-06 is not built; the warehouse holds 2026-01-05 to 2026-01-26" in result.stderr


def test_without_a_warehouse_the_next_step_is_named(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: persona_access\n")
    result = Project(tmp_path).run("summary")
    assert result.exit_code == 1
    assert "run `persona-access load` and then `persona-access build`" in result.stderr
