"""`persona-access resolve` gives the models' answer for a person who does not exist yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scenarios.project import Project


def resolve(bank: Project, level: str, cost_center: str, *options: str) -> dict[str, Any]:
    result = bank.run(
        "resolve", "--management-level", level, "--cost-center", cost_center, "--json", *options
    )
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def answer(found: dict[str, Any]) -> tuple[list[str], str | None]:
    own = [row["persona"] for row in found["personas"] if row["method"] != "baseline"]
    return own, found["unresolved_reason"]


@pytest.mark.parametrize(
    ("level", "cost_center", "personas", "reason"),
    [
        ("L7", "CC-300", ["auditor"], None),
        (" l9", "cc-100 ", ["auditor"], None),
        ("L1", "CC-410", ["clerk"], None),
        ("L1", "CC-600", [], "no_mapping"),
        ("L1", "CC-610", [], "no_mapping"),
        ("L99", "CC-610", [], "unseen_management_level"),
        ("L1", "XX-1", [], "unseen_cost_center"),
        ("L1", "", [], "hr_attribute_missing"),
        ("", "CC-800", ["clerk"], None),
    ],
)
def test_a_pair_gets_the_persona_or_the_reason(
    built_bank: Project, level: str, cost_center: str, personas: list[str], reason: str | None
) -> None:
    found = resolve(built_bank, level, cost_center)
    assert answer(found) == (personas, reason)
    assert ("everyone", "baseline") in {
        (row["persona"], row["method"]) for row in found["personas"]
    }


def test_every_matching_rule_is_listed_with_its_outcome(built_bank: Project) -> None:
    found = resolve(built_bank, "L1", "CC-600")
    rules = {row["rule"]: row for row in found["rules"]}
    assert rules["R-600-NOT v1"]["outcome"] == "excludes"
    assert rules["R-600 v1"]["outcome"] == "excluded"
    assert rules["R-600 v1"]["excluded_by"] == "R-600-NOT"
    assert rules["R-600 v1"]["owner"] == "9003"
    assert rules["R-600 v1"]["approved_by"] == "9001"
    assert found["people_with_the_pair"] == 1


def test_duties_that_the_personas_violate_by_design_are_named(
    built_bank: Project, tmp_path: Path
) -> None:
    bank = built_bank.copy(tmp_path / "project")
    with duckdb.connect(str(bank.settings.warehouse)) as connection:
        connection.execute(
            "insert into marts.fct_sod_personas select date '2026-01-26', 'SOD-1', 'Files and '"
            "|| 'audits', 'high', '9001', unnest(['clerk', 'auditor']), 'crm', 'ledger'"
        )
    found = resolve(bank, "L1", "CC-410")
    assert [(row["rule"], row["persona"]) for row in found["duties"]] == [("SOD-1", "clerk")]
    said = bank.run("resolve", "--management-level", "L1", "--cost-center", "CC-410").stdout
    assert "Segregation of duties, violated by design: " in said


def test_nothing_is_written_to_the_warehouse(built_bank: Project) -> None:
    before = built_bank.settings.warehouse.read_bytes()
    resolve(built_bank, "L1", "CC-100")
    assert built_bank.settings.warehouse.read_bytes() == before


def test_people_who_hold_the_pair_have_the_same_persona(built_bank: Project) -> None:
    pairs = built_bank.query(
        """
        select management_level, cost_center, min(persona_id) as persona_id, count(*) as people
        from marts.fct_persona_assignments
        where as_of_date = date '2026-01-26' and assignment_method = 'rule'
        group by 1, 2
        having count(distinct persona_id) = 1 and management_level is not null
        order by people desc
        limit 1
        """
    )
    assert pairs
    for pair in pairs:
        found = resolve(built_bank, pair["management_level"], pair["cost_center"])
        assert answer(found) == ([pair["persona_id"]], None)


@pytest.fixture
def trained_bank(built_bank: Project, tmp_path: Path) -> Project:
    """Give the bank two mappings in the form of a training: one certain, one uncertain."""
    bank = built_bank.copy(tmp_path / "project")
    with duckdb.connect(bank.settings.warehouse) as warehouse:
        warehouse.execute(
            """
            insert into staging.stg_decisions__pretrained_mappings by name
            select
                'M-' || cost_center as mapping_id, 1 as key_rank, 'cost_center' as looks_at,
                lower(cost_center) as cost_center_key, 'trader' as persona_id,
                confidence, confidence as assured_precision,
                40 as support, 39 as hits,
                'clerk' as runner_up_persona_id, 0.01 as runner_up_confidence,
                'whole profile' as assurance_group
            from (values ('NEW-1', 0.97), ('NEW-2', 0.61)) as learned (cost_center, confidence)
            """
        )
    return bank


def test_what_was_learned_answers_where_no_rule_does(trained_bank: Project) -> None:
    sure = resolve(trained_bank, "L1", "NEW-1")
    assert answer(sure) == (["trader"], None)
    (trader,) = [row for row in sure["personas"] if row["persona"] == "trader"]
    assert (trader["method"], trader["source"]) == ("pretrained", "M-NEW-1")
    assert (trader["confidence"], trader["support"]) == (0.97, 40)


def test_below_the_threshold_it_only_suggests(trained_bank: Project) -> None:
    unsure = resolve(trained_bank, "L1", "NEW-2")
    assert answer(unsure) == ([], "low_confidence")
    assert [(row["persona"], row["outcome"]) for row in unsure["pretrained"]] == [
        ("trader", "below_threshold"),
        ("clerk", "below_threshold"),
    ]


def test_a_rule_wins_over_what_was_learned(trained_bank: Project) -> None:
    with duckdb.connect(trained_bank.settings.warehouse) as warehouse:
        warehouse.execute(
            "update staging.stg_decisions__pretrained_mappings set cost_center_key = 'cc-300' "
            "where mapping_id = 'M-NEW-1'"
        )
    found = resolve(trained_bank, "L1", "CC-300")
    assert answer(found) == (["auditor"], None)
    assert found["pretrained"][0]["persona"] == "trader"


def test_a_tie_is_an_answer_of_its_own(built_bank: Project, tmp_path: Path) -> None:
    bank = built_bank.copy(tmp_path / "copy")
    with duckdb.connect(bank.settings.warehouse) as warehouse:
        warehouse.execute(
            "update staging.stg_decisions__mapping_rules set persona_id = 'trader' "
            "where rule_id = 'R-SAME-B'"
        )
    found = resolve(bank, "L1", "CC-500")
    assert answer(found) == ([], "ambiguous_rules")
    assert {row["outcome"] for row in found["rules"]} == {"ambiguous"}


def test_the_page_says_what_the_reason_means(built_bank: Project) -> None:
    page = built_bank.run("resolve", "--management-level", "L1", "--cost-center", "XX-1").stdout
    assert "nobody with a persona has this cost center" in page
