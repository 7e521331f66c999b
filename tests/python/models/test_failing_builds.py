"""Wrong decisions and implausible files stop a week, with row, column and reason."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from persona_access.base.dbt import DbtProject
from persona_access.base.errors import SettingsError
from persona_access.base.gates import accept
from persona_access.base.settings import load_settings
from persona_access.base.week_build import complete_weeks
from scenarios.bank import WEEKS, deliver_week, feed_rows, feed_text, seeds
from scenarios.project import ROOT, Project, Verdict, make_project

APPROVED = {
    "valid_from": "2026-01-01",
    "approved_by": "9001",
    "approved_on": "2025-12-20",
    "rationale": "Invented.",
}
RULE = {
    "rule_id": "R-NEW",
    "rule_version": "1",
    "effect": "assign",
    "management_level": "L2",
    "cost_center": "CC-100",
    "persona_id": "trader",
    "owner": "9003",
    "author": "9004",
    **APPROVED,
}
WAIVER = {
    "waiver_id": "W-NEW",
    "brid": "5046",
    "application_id": "satchel",
    "valid_to": "2026-12-31",
    "requested_by": "9002",
    **APPROVED,
}
OVERRIDE = {
    "override_id": "O-NEW",
    "brid": "5046",
    "persona_id": "trader",
    "requested_by": "9002",
    **APPROVED,
}
ALIAS = {"alias": "Big Ledger", "application_id": "ledger", **APPROVED}
ACCOUNT = {"brid": "SVC-9", "purpose": "Invented.", "owner_brid": "5004", **APPROVED}


@dataclass(frozen=True)
class Wrong:
    """Wrong rows of a seed, the test that reports them, and the expected row of the report."""

    name: str
    seed: str
    rows: tuple[dict[str, str], ...]
    test: str
    shown: dict[str, str]


def malformed(name: str, seed: str, row: dict[str, str], **shown: str) -> Wrong:
    """Create a decision that is invalid in itself, with the row that the test must show."""
    shown = {"seed_name": seed, **shown}
    return Wrong(name, seed, (row,), "assert_decisions_are_well_formed", shown)


def wrong_rule(name: str, row: dict[str, str], **shown: str) -> Wrong:
    """Create a rule that is invalid in a column that only rules have."""
    shown = {"rule_id": row["rule_id"], **shown}
    return Wrong(name, "mapping_rules", (row,), "assert_mapping_rules_are_well_formed", shown)


WRONG = [
    Wrong(
        "rules that tie on different personas",
        "mapping_rules",
        ({**RULE, "management_level": "*"},),
        "assert_mapping_rules_do_not_tie",
        {"decision_id": "R-CLERK v1 -> clerk, R-NEW v1 -> trader", "column_name": "priority"},
    ),
    Wrong(
        "a rule to an unknown persona",
        "mapping_rules",
        ({**RULE, "persona_id": "tradre"},),
        "assert_decisions_name_known_personas",
        {"decision_id": "R-NEW v1", "column_name": "persona_id", "value_found": "tradre"},
    ),
    Wrong(
        "an override to an unknown persona",
        "persona_overrides",
        ({**OVERRIDE, "persona_id": "tradre"},),
        "assert_decisions_name_known_personas",
        {"decision_id": "O-NEW", "column_name": "persona_id", "value_found": "tradre"},
    ),
    Wrong(
        "two applications under one alias",
        "application_aliases",
        (ALIAS, {**ALIAS, "alias": " big ledger", "application_id": "wiki"}),
        "assert_aliases_point_at_one_application",
        {
            "decision_id": "big ledger",
            "column_name": "application_id",
            "value_found": "ledger",
            "reason": "The alias also stands for wiki on the same days.",
        },
    ),
    Wrong(
        "an alias of an alias",
        "application_aliases",
        ({**ALIAS, "alias": "Old Ledger", "application_id": "GL"},),
        "assert_aliases_point_at_one_application",
        {
            "decision_id": "old ledger",
            "column_name": "application_id",
            "value_found": "gl",
            "reason": "It is an alias itself, of ledger; name the application.",
        },
    ),
    Wrong(
        "a waiver that never covered a finding",
        "waivers",
        ({**WAIVER, "application_id": "archive"},),
        "assert_waivers_cover_a_finding",
        {"decision_id": "W-NEW", "value_found": "5046, archive"},
    ),
    malformed(
        "a waiver without an end",
        "waivers",
        {**WAIVER, "waiver_id": "W-ENDLESS", "valid_to": ""},
        decision_id="W-ENDLESS",
        column_name="valid_to",
        reason="It is empty.",
    ),
    malformed(
        "a waiver approved by the person who profits",
        "waivers",
        # An invisible character does not make the person a different one.
        {**WAIVER, "waiver_id": "W-OWN", "approved_by": "005046\u200b"},
        decision_id="W-OWN",
        column_name="approved_by",
        value_found="005046\u200b",
        reason="It is the brid too; somebody else must approve.",
    ),
    malformed(
        "an override approved by the person who asked for it",
        "persona_overrides",
        {**OVERRIDE, "approved_by": "9002"},
        decision_id="O-NEW",
        column_name="approved_by",
        reason="It is the requested_by too; somebody else must approve.",
    ),
    malformed(
        "a non-human account approved by its owner",
        "non_human_accounts",
        {**ACCOUNT, "approved_by": "5004"},
        decision_id="SVC-9",
        column_name="approved_by",
    ),
    malformed(
        "a rule with reversed dates",
        "mapping_rules",
        {**RULE, "rule_id": "R-REVERSED", "valid_to": "2025-12-31"},
        decision_id="R-REVERSED v1",
        column_name="valid_to",
        value_found="2025-12-31",
        reason="It lies before valid_from.",
    ),
    malformed(
        "a rule without an approver",
        "mapping_rules",
        {**RULE, "rule_id": "R-ALONE", "approved_by": " "},
        decision_id="R-ALONE v1",
        column_name="approved_by",
        reason="It is empty.",
    ),
    malformed(
        "a rule approved by its author",
        "mapping_rules",
        {**RULE, "rule_id": "R-OWN", "approved_by": "B9004"},
        decision_id="R-OWN v1",
        column_name="approved_by",
        reason="It is the author too; somebody else must approve.",
    ),
    malformed(
        "an alias without a reason",
        "application_aliases",
        {**ALIAS, "rationale": ""},
        decision_id="Big Ledger",
        column_name="rationale",
        reason="It is empty.",
    ),
    malformed(
        "a malformed BRID in a seed",
        "waivers",
        {**WAIVER, "waiver_id": "W-WHO", "brid": "5.046E+3"},
        decision_id="W-WHO",
        column_name="brid",
        value_found="5.046E+3",
        reason="It is neither a BRID nor a name of a directory.",
    ),
    malformed(
        "two overrides under one id",
        "persona_overrides",
        {**OVERRIDE, "override_id": "O-1"},
        decision_id="O-1",
        column_name="override_id",
        reason="Another row bears the same id.",
    ),
    wrong_rule(
        "two versions of a rule in force on the same day",
        {**RULE, "rule_id": "R-CLERK", "rule_version": "2"},
        column_name="valid_from",
        value_found="2026-01-01",
        reason="Version 1 applies on the same days; end it before.",
    ),
    wrong_rule(
        "a rule with a misspelt effect",
        {**RULE, "rule_id": "R-EFFECT", "effect": "asign"},
        column_name="effect",
        value_found="asign",
    ),
    wrong_rule(
        "a rule with a star in the middle",
        {**RULE, "rule_id": "R-STAR", "cost_center": "CC*100"},
        column_name="cost_center",
        value_found="CC*100",
    ),
    wrong_rule(
        "a rule that starts a level with a star",
        {**RULE, "rule_id": "R-LEVEL-STAR", "management_level": "*2"},
        column_name="management_level",
        value_found="*2",
    ),
    wrong_rule(
        "a rule that assigns every persona",
        {**RULE, "rule_id": "R-ALL", "persona_id": "*"},
        column_name="persona_id",
        value_found="*",
    ),
]
# Who approved may leave afterwards: 9001, who approved everything in the bank, left on 2025-12-31.
UNSOUND = {
    "by somebody whom HR never had": (
        {"approved_by": "9999"}, {"column_name": "approved_by", "value_found": "9999"}),
    "on a day to come": (
        {"approved_by": "5001", "approved_on": "2099-01-01"},
        {"column_name": "approved_on", "value_found": "2099-01-01"}),
    "by somebody who had left by date": (
        {"approved_on": "2026-01-05"}, {"column_name": "approved_by", "value_found": "9001"}),
    "by somebody who had left by a word": (
        {"approved_by": "5008", "approved_on": "2026-01-10"},
        {"column_name": "approved_by", "value_found": "5008"}),
}  # fmt: skip
WRONG += [
    Wrong(
        f"an approval {name}",
        "waivers",
        ({**WAIVER, "waiver_id": f"W-{at}", **row},),
        "assert_approvals_are_sound",
        {"decision_id": f"W-{at}", **shown},
    )
    for at, (name, (row, shown)) in enumerate(UNSOUND.items())
]
TIE, ENDLESS = WRONG[0], next(wrong for wrong in WRONG if wrong.name == "a waiver without an end")
TESTS = sorted({wrong.test for wrong in WRONG})


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Load a good week 1, a week 2 with a cut-off headcount, and half of a week 3."""
    project = make_project(tmp_path_factory.mktemp("failing") / "project", seeds())
    deliver_week(project, 1)
    deliver_week(project, 2)
    headcount = feed_rows("hr_headcount", 2)
    cut_off = headcount[: round(len(headcount) * 0.6)]
    project.deliver("hr_headcount", WEEKS[2], feed_text(cut_off))
    for feed in ("hr_headcount", "persona_list"):
        project.deliver(feed, WEEKS[3], feed_text(feed_rows(feed, 3)))
    project.load()
    return project


@contextmanager
def planted(project: Project, *decisions: Wrong) -> Iterator[None]:
    """Add the rows of wrong decisions to their seeds, and remove them again."""
    changed = {wrong.seed for wrong in decisions}
    try:
        for seed in changed:
            rows = [row for wrong in decisions if wrong.seed == seed for row in wrong.rows]
            project.write_seed(seed, [*seeds()[seed], *rows])
        yield
    finally:
        for seed in changed:
            project.write_seed(seed, seeds()[seed])


@pytest.fixture(scope="module")
def verdicts(bank: Project) -> dict[str, Verdict]:
    """Plant all wrong decisions of a test at once, and read what it reports."""
    found = {}
    for test in TESTS:
        with planted(bank, *(wrong for wrong in WRONG if wrong.test == test)):
            found[test] = bank.check(test, WEEKS[1])
    return found


def test_a_folder_without_decisions_is_one_sentence(tmp_path: Path) -> None:
    settings = load_settings(
        environ={
            "PERSONA_ACCESS_PROJECT": str(ROOT),
            "PERSONA_ACCESS_HOME": str(tmp_path),
            "PERSONA_ACCESS_SEEDS": "mistyped",
        }
    )
    with pytest.raises(SettingsError, match=r"mistyped: this folder of decisions does not exist"):
        _ = DbtProject(settings).manifest


@pytest.mark.parametrize("test", TESTS)
def test_good_decisions_pass(bank: Project, test: str) -> None:
    assert bank.check(test, WEEKS[1]).status == "pass"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: str(wrong.name))
def test_a_wrong_decision_fails_by_name(verdicts: dict[str, Verdict], wrong: Wrong) -> None:
    verdict = verdicts[wrong.test]
    assert verdict.status == "fail"
    (row,) = [row for row in verdict.rows if wrong.shown.items() <= row.items()]
    assert row["reason"]


@pytest.mark.parametrize("test", TESTS)
def test_good_decisions_beside_wrong_ones_are_not_blamed(
    verdicts: dict[str, Verdict], test: str
) -> None:
    assert len(verdicts[test].rows) == len([wrong for wrong in WRONG if wrong.test == test])


def test_a_tie_leaves_its_people_unassessed(bank: Project) -> None:
    with planted(bank, TIE):
        assert bank.check("assert_unknown_is_not_wrong", WEEKS[1]).status == "pass"
    classified = bank.query(
        """
        select application_id, reconciliation_status, reconciliation_reason
        from marts.fct_access_reconciliation
        where brid = '5046' and application_id <> 'badge' order by application_id
        """
    )
    assert [tuple(row.values()) for row in classified] == [
        ("ledger", "unassessed", "ambiguous_rules"),
        ("satchel", "unassessed", "ambiguous_rules"),
    ]


def test_a_headcount_40_percent_smaller_than_last_week_fails(bank: Project) -> None:
    verdict = bank.check("assert_feeds_keep_their_size", WEEKS[2])
    assert verdict.status == "fail"
    (row,) = verdict.rows
    assert row["file_name"] == f"hr_headcount_{WEEKS[2]}.csv"
    assert (row["n_rows_loaded"], row["n_rows_loaded_before"]) == (37, 62)
    assert "smaller" in row["reason"]


def test_a_headcount_60_percent_larger_than_last_week_fails(bank: Project) -> None:
    verdict = bank.check("assert_feeds_keep_their_size", WEEKS[3])
    assert verdict.status == "fail"
    (row,) = verdict.rows
    assert (row["feed"], row["n_rows_loaded"]) == ("hr_headcount", 60)
    assert "larger" in row["reason"]


def test_an_accepted_gate_stops_its_week_no_more(bank: Project) -> None:
    gates = bank.settings.accepted_gates
    accept(gates, WEEKS[2], "feed_size", "Half of the bank was sold.")
    accept(gates, WEEKS[3], "feed_late", "IAM is closed for a month.")
    try:
        assert bank.check("assert_feeds_keep_their_size", WEEKS[2]).status == "pass"
        assert bank.check("assert_required_feeds_are_not_late", WEEKS[3]).status == "pass"
        # An acceptance lifts one gate of one week.
        assert bank.check("assert_feeds_keep_their_size", WEEKS[3]).status == "fail"
        assert WEEKS[3] in complete_weeks(bank.settings)
    finally:
        shutil.rmtree(gates)
    assert WEEKS[3] not in complete_weeks(bank.settings)


def test_files_of_the_usual_size_pass(bank: Project) -> None:
    assert bank.check("assert_feeds_keep_their_size", WEEKS[1]).status == "pass"


def test_a_late_required_feed_fails(bank: Project) -> None:
    assert bank.check("assert_required_feeds_are_not_late", WEEKS[2]).status == "pass"
    verdict = bank.check("assert_required_feeds_are_not_late", WEEKS[3])
    assert verdict.status == "fail"
    (row,) = verdict.rows
    assert (row["feed"], row["age_days"]) == ("iam_app_registry", 14)
    assert row["file_name"] == f"iam_app_registry_{WEEKS[2]}.csv"
    assert row["column_name"] == "extract_date"


def test_a_late_optional_feed_only_warns(bank: Project) -> None:
    verdict = bank.check("assert_optional_feeds_are_not_late", WEEKS[3])
    assert verdict.status == "warn"
    assert [row["feed"] for row in verdict.rows] == ["persona_members"]


def test_the_command_stops_and_says_row_column_and_reason(bank: Project) -> None:
    with planted(bank, ENDLESS):
        result = bank.run("build")
    assert result.exit_code == 1
    assert f"{WEEKS[1]}: FAILED" in result.stdout
    assert (
        "assert_decisions_are_well_formed: seed_name = waivers, decision_id = W-ENDLESS, "
        "column_name = valid_to, reason = It is empty."
    ) in result.stderr
    assert "no later week was built" in result.stderr
    assert f"{WEEKS[2]}: " not in result.stdout
