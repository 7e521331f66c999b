"""A persona to split, and two to merge: proposed, written as patches, and proved.

The bank is invented. `desk` is given to two cost centers that share two applications and differ in
all others; `clerk` and `agent` list the same and are held alike.
"""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scenarios.project import Project, Row, make_project, to_csv

WEEKS = (date(2026, 1, 5), date(2026, 1, 12))
OFFICE = [f"office-{number}" for number in range(9)]
# Cost center, persona, size, what its people hold, and what their persona lists.
UNITS = (
    ("CC-LOANS", "desk", 12, ["mail", "loan", "scoring"]),
    ("CC-TRADE", "desk", 14, ["mail", "trade"]),
    ("CC-NORTH", "clerk", 15, OFFICE),
    ("CC-SOUTH", "agent", 8, [*OFFICE, "printer"]),
    ("CC-HEAD", "head", 3, ["scoring"]),
)
LISTED = {
    "desk": ["mail", "loan", "trade"],
    "clerk": OFFICE,
    "agent": [*OFFICE, "printer"],
    "head": ["scoring"],
}
SPLIT, MERGE = "split:desk:CC-LOANS", "merge:agent:clerk"


def _deliver(project: Project, week: date, more: Iterable[Row] = ()) -> None:
    people = [
        (f"{10_000 + 100 * unit + number}", cost_center, held)
        for unit, (cost_center, _, size, held) in enumerate(UNITS)
        for number in range(size)
    ]
    hr = [
        {"brid": brid, "full_name": "Invented", "employment_status": "active"}
        | {"management_level": "L1", "cost_center": cost_center, "hire_date": "2020-01-01"}
        for brid, cost_center, _ in people
    ]
    project.deliver("hr_headcount", week, to_csv(list(hr[0]), hr))
    held = [
        {"brid": brid, "application_id": name, "application_name": f"Invented {name}"}
        for brid, _, names in people
        for name in names
    ]
    project.deliver("iam_app_registry", week, to_csv(list(held[0]), held))
    listed = [
        {"persona_id": persona, "persona_name": f"Invented {persona}", "application_id": name}
        | {"application_name": f"Invented {name}", "requirement": "mandatory"}
        for persona, names in LISTED.items()
        for name in names
    ]
    project.deliver("persona_list", week, to_csv(list(listed[0]), [*listed, *more]))


def _rule(cost_center: str, persona: str) -> Row:
    return {
        "rule_id": f"R-{cost_center}", "rule_version": "1", "effect": "assign",
        "management_level": "*", "cost_center": cost_center, "persona_id": persona,
        "valid_from": "2025-01-01", "owner": "10400", "author": "10400", "approved_by": "10401",
        "approved_on": "2024-12-20", "rationale": "Invented.",
    }  # fmt: skip


def _ask(project: Project, *command: str) -> dict[str, Any]:
    done = project.run(*command, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def listed_bank(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a week, let the owner list the applications of both patches, and build the next."""
    rules = [_rule(cost_center, persona) for cost_center, persona, *_ in UNITS]
    root = tmp_path_factory.mktemp("mine") / "project"
    project = make_project(root, {"mapping_rules": rules})
    _deliver(project, WEEKS[0])
    project.load()
    project.build_models(WEEKS[0])
    rows: list[Row] = []
    for proposal in (SPLIT, MERGE):
        with Path(_ask(project, "mine", proposal, "--author", "10400")["list_rows"]).open() as file:
            rows += csv.DictReader(file)
    _deliver(project, WEEKS[1], rows)
    project.load()
    project.build_models(WEEKS[1])
    return project


def test_both_are_proposed_with_support_and_what_they_settle(listed_bank: Project) -> None:
    found = {row["proposal_id"]: row for row in _ask(listed_bank, "mine")["proposals"]}
    assert {SPLIT, "split:desk:CC-TRADE", MERGE} <= found.keys()
    split = found[SPLIT]
    assert split["application_ids"] == "loan | scoring"
    # Twelve hold scoring unlisted, and miss what only the other desk works with.
    assert (split["n_members"], float(split["support"]), split["n_settled"]) == (12, 1.0, 24)
    assert split["n_blessed"] == 0
    assert found[MERGE]["n_members"] == 23
    assert float(found[MERGE]["support"]) >= 0.9
    assert not [one for one in found if one.startswith(("split:clerk", "split:agent"))]


def test_the_owner_of_the_list_gets_what_the_new_persona_asks_for(listed_bank: Project) -> None:
    def rows_of(persona: str) -> set[tuple[str, str]]:
        file = listed_bank.settings.seeds / "proposed" / f"persona_list_{persona}.csv"
        with file.open() as rows:
            return {
                (row["application_id"], row["requirement"])
                for row in csv.DictReader(rows)
                if row["persona_id"] == persona
            }

    # Access that all of desk need stays mandatory; access that the unit does not use is not
    # required.
    assert rows_of("desk-cc-loans") == {
        ("mail", "mandatory"), ("loan", "mandatory"), ("scoring", "optional"),
    }  # fmt: skip
    # The persona with more people stays, and gets the applications that only the other lists.
    assert rows_of("clerk") == {("printer", "mandatory")}


@pytest.mark.parametrize(
    ("proposal", "rule", "persona", "ending", "opening"),
    [
        (SPLIT, "R-CC-LOANS", "desk-cc-loans", 24, 0),
        # People who join it miss nothing; clerks miss the applications that the merge added.
        (MERGE, "R-CC-SOUTH", "clerk", 0, 0),
    ],
)
def test_a_patch_gives_the_rule_its_next_version_and_a_replay_proves_it(
    listed_bank: Project, proposal: str, rule: str, persona: str, ending: int, opening: int
) -> None:
    seed = listed_bank.settings.seeds / "mapping_rules.csv"
    before = seed.read_text()
    done = _ask(listed_bank, "mine", proposal, "--author", "10400", "--prove")
    assert (done["replayed_ending"], done["replayed_opening"]) == (ending, opening)
    assert seed.read_text() == before
    subprocess.run(["git", "apply", done["file"]], cwd=listed_bank.root, check=True)
    try:
        versions = [row for row in csv.DictReader(seed.open()) if row["rule_id"] == rule]
        assert [(row["rule_version"], row["persona_id"]) for row in versions][1:] == [
            ("2", persona)
        ]
        assert versions[0]["valid_to"] == "2026-01-11"
        assert not versions[1]["approved_by"]
    finally:
        seed.write_text(before)
