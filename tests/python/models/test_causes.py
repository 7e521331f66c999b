"""Causes in a bank with known causes: compression, precision, recall, and effects."""

from __future__ import annotations

import csv
import json
import subprocess
from collections import Counter

import pytest

from persona_access.base.errors import PersonaAccessError
from persona_access.base.queries import asking
from persona_access.questions.causes.find import find
from persona_access.questions.causes.patch import make_patch
from persona_access.questions.causes.prove import prove
from persona_access.weeks.metrics import Figures, measure_week
from scenarios.planted_causes import WEEKS, Pair, PlantedBank, Shape, make, pairwise
from scenarios.project import Project

KINDS = {
    "leaver": {"offboarding_incomplete"},
    "mover": {"move_incomplete"},
    "spelling": {"spelling"},
    "replaced": {"application_replaced"},
    "retired": {"application_retired"},
    "not": {"requirement_not_real"},
    "absent": {"requirement_absent"},
    "rule": {"rule_moved_people"},
    "batch": {"provisioning_batch"},
    "orphans": {"orphan_cluster"},
    "silent": {"feed_fault"},
    "outlier": {"peer_outlier"},
    "wrong": {"assignment_not_real"},
    "newcomer": {"person_without_access"},
    "other": {"requirement_of_other_units"},
    "lost": {"access_lost_together"},
    "prohibited": {"prohibited_held"},
    "early": {"access_before_start"},
    "single": {"single"},
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, PlantedBank]:
    """Build the three weeks of the planted bank."""
    project, bank = make(tmp_path_factory.mktemp("planted") / "project", Shape())
    project.load()
    project.build_models(*WEEKS)
    return project, bank


@pytest.fixture(scope="module")
def found(planted: tuple[Project, PlantedBank]) -> dict[Pair, tuple[str, str]]:
    """Return cause and kind of each finding of the third week."""
    project, _ = planted
    return {
        (row["brid"], row["application_id"]): (row["cause_id"], row["cause_kind"])
        for row in project.query(
            "select brid, application_id, cause_id, cause_kind from marts.fct_finding_causes "
            f"where as_of_date = '{WEEKS[-1]}'"
        )
    }


def test_the_plan_is_what_the_bank_finds(
    planted: tuple[Project, PlantedBank], found: dict[Pair, tuple[str, str]]
) -> None:
    _, bank = planted
    assert len(found) >= 2_800
    assert set(found) == set(bank.truth), sorted(set(found) ^ set(bank.truth))[:20]


def test_sixty_causes_are_found_as_such(
    planted: tuple[Project, PlantedBank], found: dict[Pair, tuple[str, str]]
) -> None:
    _, bank = planted
    planted_causes = {cause for cause in bank.truth.values() if not cause.startswith("single")}
    causes = {cause for cause, kind in found.values() if kind != "single"}
    assert 60 <= len(planted_causes) <= 70
    assert len(causes) <= len(planted_causes) * 1.25
    precision, recall = pairwise({pair: cause for pair, (cause, _) in found.items()}, bank.truth)
    assert precision >= 0.95, (precision, recall)
    assert recall >= 0.90, (precision, recall)


@pytest.mark.parametrize("planted_kind", sorted(KINDS))
def test_each_planted_cause_is_of_its_kind(
    planted: tuple[Project, PlantedBank], found: dict[Pair, tuple[str, str]], planted_kind: str
) -> None:
    _, bank = planted
    kinds = Counter(
        found[pair][1]
        for pair, cause in bank.truth.items()
        if cause.split()[0] == planted_kind and pair in found
    )
    right = sum(kinds[kind] for kind in KINDS[planted_kind])
    assert right >= 0.9 * sum(kinds.values()) > 0, kinds


@pytest.mark.parametrize(
    "cause_kind",
    [
        "spelling",
        "application_replaced",
        "application_retired",
        "requirement_not_real",
        "requirement_of_other_units",
        "requirement_absent",
        "rule_moved_people",
        "assignment_not_real",
        "orphan_cluster",
    ],
)
def test_a_patch_does_what_its_cause_says(
    planted: tuple[Project, PlantedBank], cause_kind: str
) -> None:
    project, _ = planted
    with asking(project.settings) as connection:
        cause_id = connection.execute(
            "select min(cause_id) from reporting.rpt_causes "
            "where as_of_date = $week and cause_kind = $kind and has_patch",
            {"week": WEEKS[-1], "kind": cause_kind},
        ).fetchall()[0][0]
        cause = find(connection, WEEKS[-1], cause_id)
        patch = make_patch(connection, WEEKS[-1], cause, "9002")
    proof = prove(project.settings, patch)
    assert proof["replayed_ending"] == proof["predicted_ending"] > 20
    assert proof["replayed_opening"] == proof["predicted_opening"]


def test_a_proposal_is_a_patch_that_waits_for_its_approval(
    planted: tuple[Project, PlantedBank],
) -> None:
    project, _ = planted
    seed = project.settings.seeds / "application_aliases.csv"
    before = seed.read_text()
    cause = "spelling:unit0-a:unit0-a-prod"
    done = project.run("apply", cause, "--author", "9002")
    assert done.exit_code == 0, done.output
    assert seed.read_text() == before
    patch = project.settings.seeds / "proposed" / "spelling-unit0-a-unit0-a-prod.patch"
    subprocess.run(["git", "apply", str(patch)], cwd=project.root, check=True)
    try:
        added = seed.read_text().removeprefix(before)
        assert added.startswith("unit0-a-prod,unit0-a,2026-01-26,,,,Proposed by 9002: ")
        verdict = project.check("assert_decisions_are_well_formed", WEEKS[-1])
        assert {row["column_name"] for row in verdict.rows} == {"approved_by", "approved_on"}
    finally:
        seed.write_text(before)


def test_a_rule_is_corrected_by_its_next_version(planted: tuple[Project, PlantedBank]) -> None:
    project, _ = planted
    with asking(project.settings) as connection:
        cause = find(connection, WEEKS[-1], "assignment_not_real:persona-11:R-WRONG-1 v1")
        patch = make_patch(connection, WEEKS[-1], cause, "9002")
    seed = (project.settings.seeds / "mapping_rules.csv").read_text()
    # A version that ends, and a rule that began in this week and so never counted.
    (wrong,) = [line for line in seed.splitlines() if line.startswith("R-WRONG-1,1")]
    more = seed + wrong.replace("R-WRONG-1,1", "R-WRONG-1,2") + "\n"
    before, after = seed.splitlines(), patch.added_to(more, "").splitlines()
    changed = [line for line in after if line not in before]
    assert [line.split(",")[:9] for line in changed if ",9001," in line] == [
        ["R-WRONG-1", "1", "assign", "*", "WRONG-1", "persona-11", "", "", "2025-01-01"],
        ["R-WRONG-1", "2", "assign", "*", "WRONG-1", "persona-11", "", "", "2025-01-01"],
    ]
    (added,) = csv.reader(after[-1:])
    assert ",".join(added[:14]) == (
        "R-WRONG-1,3,assign,*,WRONG-1,persona-17,,,2026-01-26,,9002,9002,,"
    )
    assert added[14].startswith("Proposed by 9002: ")
    assert sum(",2026-01-25," in line for line in after) == 1
    begun = seed.replace("WRONG-1,persona-11,,,2025-01-01", "WRONG-1,persona-11,,,2026-01-26")
    assert "R-WRONG-1,1," not in patch.added_to(begun, "")
    with pytest.raises(PersonaAccessError, match="has no version 1 of the rule R-WRONG-1"):
        patch.added_to(seed.replace("R-WRONG-1", "R-RENAMED"), "")


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("spelling:nothing", "has no cause 'spelling:nothing'"),
        ("offboarding_incomplete:20000", "cannot be ended by a change of decisions"),
    ],
)
def test_what_cannot_be_applied_is_refused_in_a_sentence(
    planted: tuple[Project, PlantedBank], cause: str, sentence: str
) -> None:
    project, _ = planted
    done = project.run("apply", cause, "--author", "9002")
    assert done.exit_code == 1
    assert sentence in done.output


def test_causes_are_listed_with_their_findings(planted: tuple[Project, PlantedBank]) -> None:
    project, bank = planted
    listed = project.run("causes")
    assert listed.exit_code == 0
    assert " causes explain " in listed.output
    one = project.run("causes", "spelling:unit0-a:unit0-a-prod")
    assert "55 of 55 who lack it hold unit0-a-prod" in one.output
    assert bank.people(0)[10] in one.output
    strange = json.loads(project.run("causes", "unexpected_access:odd-0", "--json").output)
    scores = [finding["peer_score"] for finding in strange["findings"]]
    assert scores == sorted(scores)
    assert 0 < float(scores[0]) < float(scores[-1]) < 0.1


def test_each_large_new_cause_is_one_figure_without_a_person(
    planted: tuple[Project, PlantedBank],
) -> None:
    project, bank = planted
    figures = Figures()
    measure_week(figures, project.settings)
    (family,) = [each for each in figures.collect() if each.name.endswith("new_cause_findings")]
    ((n_alerting,),) = [
        tuple(row.values())
        for row in project.query(
            "select n_alerting_causes from reporting.rpt_cause_weeks "
            f"where as_of_date = '{WEEKS[-1]}'"
        )
    ]
    assert len(family.samples) == n_alerting > 5
    labels = {value for sample in family.samples for value in sample.labels.values()}
    assert not labels & {brid for brid, _ in bank.truth}
