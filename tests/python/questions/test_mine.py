"""Proposed changes of personas, roles, and owners of accounts: what is listed, and the patches."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from persona_access.base.errors import PersonaAccessError
from persona_access.base.queries import Record
from persona_access.base.settings import load_settings
from persona_access.questions.accounts import write_candidates
from persona_access.questions.mine import make_proposal_patch, make_rejection
from persona_access.questions.role_rules import Selections
from scenarios.bank import WEEKS
from scenarios.project import ROOT, Project

NEWEST = WEEKS[3]


def _ask(bank: Project, *command: str) -> dict[str, Any]:
    result = bank.run(*command, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_mine_lists_every_proposal_of_the_mart(built_bank: Project) -> None:
    found = _ask(built_bank, "mine")
    in_the_mart = built_bank.query(
        "select proposal_id from marts.fct_persona_proposals order by proposal_rank"
    )
    listed = [row["proposal_id"] for row in found["proposals"]]
    assert listed[: len(in_the_mart)] == [row["proposal_id"] for row in in_the_mart]
    assert found["week"] == str(NEWEST)


def test_roles_from_scratch_give_exactly_what_employed_people_hold(built_bank: Project) -> None:
    found = _ask(built_bank, "mine", "--from-scratch")
    given = {
        (brid, application)
        for role in found["roles"]
        for brid in role["people"]
        for application in role["applications"].split(" | ")
    }
    held = built_bank.query(
        f"""
        select distinct access.brid, access.application_id
        from marts.fct_access_reconciliation as access
        inner join marts.fct_persona_assignments as people
            on access.brid = people.brid and people.as_of_date = date '{NEWEST}'
        where access.as_of_date = date '{NEWEST}' and access.is_granted
        """
    )
    assert given == {(row["brid"], row["application_id"]) for row in held}
    assert found["lower_bound"] <= len(found["roles"])


def test_candidates_are_of_orphan_accounts_and_known_people(built_bank: Project) -> None:
    found = _ask(built_bank, "accounts")
    orphans = built_bank.query(
        f"""
        select distinct brid from marts.fct_access_reconciliation
        where as_of_date = date '{NEWEST}' and reconciliation_reason = 'orphan_account'
        """
    )
    assert found["n_accounts"] == len(orphans)
    brids = {row["brid"] for row in orphans}
    assert all(row["account_brid"] in brids for row in found["candidates"])
    assert all(row["brid"] != row["account_brid"] for row in found["candidates"])


def test_the_mart_has_candidates_of_the_accounts_that_are_orphans_now(built_bank: Project) -> None:
    rows = built_bank.query(
        "select account_brid, candidate_brid, candidate_state, candidate_rank, is_suggested "
        "from marts.fct_account_candidates order by account_brid, candidate_rank"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("5002", "5004", "employed", 1, True),
        # HR had this person in the week before; SVC-2 is registered and so is not an orphan.
        ("5002", "5003", "not_in_hr", 2, False),
    ]


def test_what_is_not_proposed_is_refused_in_one_sentence(built_bank: Project) -> None:
    for command in (
        ("mine", "add:nobody:nothing", "--author", "9001"),
        ("accounts", "nothing", "--owner", "9002", "--author", "9001"),
    ):
        result = built_bank.run(*command)
        assert result.exit_code == 1
        assert f"from `persona-access {command[0]}`" in result.output
        assert "Traceback" not in result.output


def _proposal(kind: str, **given: Any) -> dict[str, Any]:
    return {
        "proposal_id": f"{kind}:P1:crm",
        "proposal_kind": kind,
        "persona_id": "P1",
        "management_level": None,
        "cost_center": None,
        "application_ids": "crm",
        "n_members": 4,
        "support": 0.75,
        "n_settled": 3,
        "likelihood": None,
        "week": date(2026, 3, 30),
        **given,
    }


@pytest.mark.parametrize(
    ("proposal", "seed", "row"),
    [
        (_proposal("add"), "persona_list_amendments", {"requirement": "optional"}),
        (_proposal("drop"), "persona_list_amendments", {"requirement": "none"}),
        (
            _proposal("split", cost_center="C1"),
            "mapping_rules",
            {"management_level": "*", "cost_center": "C1", "persona_id": "p1-c1"},
        ),
        (
            _proposal("new", persona_id=None, management_level="L5", cost_center="C9"),
            "mapping_rules",
            {"management_level": "L5", "cost_center": "C9", "persona_id": "l5-c9"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_patch_is_a_decision_without_approval(
    proposal: dict[str, Any], seed: str, row: dict[str, str]
) -> None:
    patch = make_proposal_patch(proposal, "9001")
    assert patch.seed == seed
    (made,) = patch.rows
    assert row.items() <= made.items()
    assert "approved_by" not in made


def test_the_attributes_that_select_a_role_best_are_named() -> None:
    clerks = {f"{n}": {"cost_center": "C1", "job_title": "Clerk", "grade": None} for n in range(4)}
    others = {f"{n}": {"cost_center": "C1", "job_title": "Cook", "grade": "1"} for n in range(4, 9)}
    guests = {"9": {"cost_center": "C2", "job_title": "Clerk"}}
    selections = Selections({**clerks, **others, **guests})
    assert selections.best(clerks, selections.every) == {
        "conditions": {"cost_center": "C1", "job_title": "Clerk"},
        "coverage": 1.0,
        "precision": 1.0,
    }
    # One attribute is enough, and an attribute that all of them lack does not count.
    assert selections.best(others, selections.every)["conditions"] == {"grade": "1"}
    assert selections.best(clerks, [("cost_center",)])["precision"] == round(4 / 9, 4)
    assert selections.best(guests, [("grade",)])["conditions"] == {}


def _source(persona: str, rule: str | None, n_people: int, n_decided: int = 4) -> Record:
    return {
        "persona_id": persona,
        "rule_id": rule,
        "rule_version": 2,
        "conditions": None,
        "n_people": n_people,
        "n_decided": n_decided,
    }


def test_a_merge_moves_the_rules_of_the_smaller_persona() -> None:
    merge = _proposal("merge", other_persona_id="P2")
    sources = [_source("P2", "R-2", 9), _source("P1", "R-1", 3), _source("P1", "R-3", 1)]
    patch = make_proposal_patch(merge, "9001", sources)
    assert [rule_id for rule_id, _ in patch.ended] == ["R-1", "R-3"]
    assert patch.rows[0]["persona_id"] == "P2"
    # People whose persona does not come from a rule must be moved in its source.
    for other in (_source("P1", None, 1), {**_source("P1", "R-4", 1), "conditions": "a = b"}):
        with pytest.raises(PersonaAccessError, match="to the people of P1"):
            make_proposal_patch(merge, "9001", [*sources, other])


def test_a_split_changes_the_rule_of_the_unit_alone() -> None:
    split = _proposal("split", cost_center="C1")
    patch = make_proposal_patch(split, "9001", [_source("P1", "R-1", 4)])
    assert patch.ended
    assert patch.rows[0]["persona_id"] == "p1-c1"
    # A rule that also decides for others stays, and a more specific one is added.
    beside = make_proposal_patch(split, "9001", [_source("P1", "R-1", 4, n_decided=9)])
    assert beside.rows[0]["rule_id"] == "R-P1-C1"


def test_a_rejection_keeps_the_support() -> None:
    (row,) = make_rejection(_proposal("add"), "9001", "Not yet.").rows
    assert (row["proposal_id"], row["support"]) == ("add:P1:crm", "0.750000")


def test_candidates_are_kept_as_the_seed_that_the_mart_reads(tmp_path: Path) -> None:
    settings = load_settings().model_copy(update={"seeds": tmp_path})
    found = {
        "week": date(2026, 3, 30),
        "candidates": [
            _candidate("JSMITH", "1001", 0.97, is_suggested=True),
            _candidate("SVC-1", "1002", None, is_suggested=False),
        ],
    }
    file = write_candidates(settings, found)
    header, *rows = file.read_text("utf-8").splitlines()
    assert header == (ROOT / "seeds" / file.name).read_text("utf-8").splitlines()[0]
    assert rows == [
        "2026-03-30,JSMITH,jsmith,1001,0.97,full_name | near_hire,true",
        "2026-03-30,SVC-1,svc-1,1002,,full_name | near_hire,false",
    ]


def _candidate(account: str, brid: str, probability: float | None, *, is_suggested: bool) -> Record:
    return {
        "account_brid": account,
        "account_id": account.lower(),
        "orphan_detail": "never_seen",
        "n_applications": 2,
        "brid": brid,
        "probability": probability,
        "agreeing_fields": "full_name | near_hire",
        "is_suggested": is_suggested,
    }
