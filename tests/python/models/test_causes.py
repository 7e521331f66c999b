"""Causes against a bank whose causes are known: compression, precision, recall, and effects."""

from __future__ import annotations

from collections import Counter

import pytest

from persona_access.base.queries import asking
from persona_access.questions.causes.find import find
from persona_access.questions.causes.patch import make_patch
from persona_access.questions.causes.prove import prove
from scenarios.planted_causes import WEEKS, Pair, PlantedBank, make, pairwise
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
    "single": {"single"},
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, PlantedBank]:
    """Build the three weeks of the planted bank."""
    project, bank = make(tmp_path_factory.mktemp("planted") / "project")
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
        "requirement_absent",
    ],
)
def test_a_patch_does_what_its_cause_says(
    planted: tuple[Project, PlantedBank], cause_kind: str
) -> None:
    project, _ = planted
    with asking(project.settings) as connection:
        cause_id = connection.execute(
            "select min(cause_id) from reporting.rpt_causes "
            "where as_of_date = $week and cause_kind = $kind",
            {"week": WEEKS[-1], "kind": cause_kind},
        ).fetchall()[0][0]
        cause = find(connection, WEEKS[-1], cause_id)
        patch = make_patch(connection, WEEKS[-1], cause, "9002")
    proof = prove(project.settings, patch)
    assert proof["replayed_ending"] == proof["predicted_ending"] > 40
    assert proof["replayed_opening"] == proof["predicted_opening"]
