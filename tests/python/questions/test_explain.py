"""`persona-access explain` shows a person, their persona and why, and their access."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scenarios.bank import WEEKS
from scenarios.project import Project


def explain(bank: Project, brid: str, *options: str) -> dict[str, Any]:
    result = bank.run("explain", brid, "--json", *options)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def personas(found: dict[str, Any]) -> dict[str, str]:
    return {row["persona_id"]: row["assignment_method"] for row in found["personas"]}


@pytest.mark.parametrize("spelling", ["5017", "005017", " b5017 ", "B05017"])
def test_any_spelling_that_staging_reads_finds_the_person(
    built_bank: Project, spelling: str
) -> None:
    found = explain(built_bank, spelling)
    assert found["brid"] == "5017"
    assert [row["application"] for row in found["access"]] == ["badge", "ledger"]


def test_every_pair_of_everybody_is_explained(built_bank: Project) -> None:
    pairs = built_bank.query(
        f"""
        select brid, application_id, reconciliation_status, reconciliation_reason
        from marts.fct_access_reconciliation
        where as_of_date = date '{WEEKS[3]}'
        """
    )
    for brid in ("5002", "5019", "5043", "SVC-4"):
        told = {
            (row["application"], row["status"], row["reason"])
            for row in explain(built_bank, brid)["access"]
        }
        stands = {
            (row["application_id"], row["reconciliation_status"], row["reconciliation_reason"])
            for row in pairs
            if row["brid"] == brid
        }
        assert told == stands
        assert stands


def test_the_winner_says_who_approved_it_and_the_losers_say_why_they_lost(
    built_bank: Project,
) -> None:
    found = explain(built_bank, "5053")
    assert personas(found) == {"clerk": "override", "everyone": "baseline"}
    (source,) = found["personas"][0]["sources"]
    assert (source["override"], source["approved_by"]) == ("O-1", "9001")
    assert source["rationale"] == "Invented."
    losers = [row["candidate"] for row in found["losing_candidates"]]
    assert any("trader (lost_to_stronger_source)" in loser for loser in losers)
    assert any(loser.startswith("rule R-COURIER v1: courier") for loser in losers)


def test_all_rules_behind_an_answer_are_named(built_bank: Project) -> None:
    (clerk, _) = explain(built_bank, "5039")["personas"]
    assert [source["rule"] for source in clerk["sources"]] == ["R-SAME-A v1", "R-SAME-B v1"]
    assert {source["owner"] for source in clerk["sources"]} == {"9003"}


def test_somebody_without_a_persona_says_why(built_bank: Project) -> None:
    found = explain(built_bank, "5033")
    assert [row["unresolved_reason"] for row in found["personas"]] == [None, "unseen_cost_center"]
    shown = " ".join(built_bank.run("explain", "5033").stdout.split())
    assert "none, because unseen_cost_center: no rule, no learned mapping and nobody" in shown


def test_accounts_without_a_person_are_explained_too(built_bank: Project) -> None:
    orphan = explain(built_bank, "5003")
    assert orphan["person"] is None
    assert {row["orphan_detail"] for row in orphan["access"]} == {"left_hr_file"}
    assert orphan["hr_weeks"][0]["last_week_in_hr"] == str(WEEKS[2])
    (account,) = explain(built_bank, "svc-2")["non_human_accounts"]
    assert (account["purpose"], account["owner"]) == ("Nightly batch", "5004")


def test_a_waiver_names_its_approver_and_its_end(built_bank: Project) -> None:
    (waived,) = [row for row in explain(built_bank, "5043")["access"] if row["waiver"]]
    assert (waived["waiver"], waived["waived_by"], waived["waived_until"]) == (
        "W-1",
        "9001",
        "2026-12-31",
    )


def test_quarantined_rows_are_shown(built_bank: Project) -> None:
    assert [row["reason"] for row in explain(built_bank, "5028")["quarantined"]] == [
        "grant_expired"
    ]
    rows = explain(built_bank, "5015")["hr_rows"]
    assert [(row["counts"], row["cost_center"]) for row in rows] == [
        (True, "CC-100"),
        (False, "CC-200"),
    ]


def test_an_older_week_is_explained_from_the_facts(built_bank: Project) -> None:
    before, after = (explain(built_bank, "5030", "--week", str(WEEKS[week])) for week in (1, 3))
    assert personas(before) == {"auditor": "rule", "everyone": "baseline"}
    assert personas(after) == {"trader": "rule", "everyone": "baseline"}
    assert before["person"] is None
    assert after["person"]["cost_center"] == "CC-200"


def test_a_leaver_without_access_has_no_rows_and_is_still_known(built_bank: Project) -> None:
    page = built_bank.run("explain", "5007").stdout
    assert "employment state ended" in page
    assert "No application is expected or held." in page


@pytest.mark.parametrize(
    ("brid", "sentence"),
    [
        ("1.23E+5", "'1.23E+5' cannot be a BRID"),
        ("99999", "Nobody has the BRID 99999 (written '99999') in the week 2026-01-26"),
    ],
)
def test_a_brid_that_nobody_has_is_a_sentence(
    built_bank: Project, brid: str, sentence: str
) -> None:
    result = built_bank.run("explain", brid)
    assert result.exit_code == 1
    assert sentence in result.stderr


def test_somebody_of_older_weeks_is_found_there(built_bank: Project, tmp_path: Path) -> None:
    bank = built_bank.copy(tmp_path / "copy")
    with duckdb.connect(bank.settings.warehouse) as warehouse:
        for mart in ("dim_employees", "fct_reconciliation_by_employee"):
            warehouse.execute(f"delete from marts.{mart} where brid = '5046'")
        for fact in ("fct_access_reconciliation", "fct_persona_assignments"):
            warehouse.execute(
                f"delete from marts.{fact} where brid = '5046' and as_of_date = $week",
                {"week": WEEKS[3]},
            )
    result = bank.run("explain", "5046")
    assert result.exit_code == 1
    assert "from 2026-01-05 to 2026-01-12: ask with --week 2026-01-12" in result.stderr
