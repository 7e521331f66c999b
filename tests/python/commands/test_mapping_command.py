"""`train` and `evaluate` from delivered files to the seeds."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from persona_access.commands.main import app
from persona_access.learning.apply import Lookup
from persona_access.learning.seed import read_mappings

SEEDS = Path(__file__).parents[3] / "seeds"
CENTERS, LEVELS, HERE = 12, 3, 8


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command line on a separate home and seeds."""
    monkeypatch.setenv("PERSONA_ACCESS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PERSONA_ACCESS_SEEDS", str(tmp_path / "seeds"))
    monkeypatch.setenv("PERSONA_ACCESS_SETTLE_SECONDS", "0")
    (tmp_path / "home" / "drop").mkdir(parents=True)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def _deliver(home: Path, date: str, first: int = 0, *, with_strangers: bool = False) -> None:
    """Deliver an invented week: the level decides the persona; `first` numbers the people.

    Unknown people, one for each level, have no persona.
    """
    people = [
        (first + number, f" B{first + number:05d}", f"L{level}", f"cc-{center:02d}")
        for number, (center, level, _) in enumerate(
            (center, level, person)
            for center in range(CENTERS)
            for level in range(LEVELS)
            for person in range(HERE)
        )
    ]
    headcount = ["brid,full_name,employment_status,management_level,cost_center"]
    headcount += [f"{brid},,active,{level},{center}" for _, brid, level, center in people]
    if with_strangers:
        headcount += [f"88888{level},,active,L{level},cc-00" for level in range(LEVELS)]
    headcount.append("777777,,terminated,L0,cc-00")
    members = ["brid,persona_id"]
    # The persona team writes the same people without the B and the zeros.
    members += [f"{number},persona of {level}" for number, _, level, _ in people]
    members.append("777777,persona of leavers")
    (home / "drop" / f"hr_headcount_{date}.csv").write_text("\n".join(headcount) + "\n")
    (home / "drop" / f"persona_members_{date}.csv").write_text("\n".join(members) + "\n")


def _seed(tmp_path: Path, name: str) -> list[dict[str, str]]:
    with (tmp_path / "seeds" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_train_writes_the_same_seeds_twice(tmp_path: Path, run: Callable[..., Result]) -> None:
    _deliver(tmp_path / "home", "2026-01-05")
    assert run("load").exit_code == 0
    result = run("train")
    assert result.exit_code == 0, result.output
    mappings, trainings = (
        (tmp_path / "seeds" / name).read_bytes()
        for name in ("pretrained_mappings.csv", "pretrained_trainings.csv")
    )
    assert run("train").exit_code == 0
    assert (tmp_path / "seeds" / "pretrained_mappings.csv").read_bytes() == mappings
    assert (tmp_path / "seeds" / "pretrained_trainings.csv").read_bytes() == trainings

    (training,) = _seed(tmp_path, "pretrained_trainings.csv")
    assert training["n_people"] == str(CENTERS * LEVELS * HERE)
    assert training["data_date"] == "2026-01-05"
    rows = _seed(tmp_path, "pretrained_mappings.csv")
    assert "persona of leavers" not in {row["persona_id"] for row in rows}
    lookup = Lookup.of(read_mappings(tmp_path / "seeds"))
    cell = lookup.answer({"management_level": "l1", "cost_center": "cc-03"})
    assert cell is not None
    assert cell.personas[0] == "persona of L1"
    assert (cell.looks_at, cell.support, cell.hits) == ("management_level+cost_center", HERE, HERE)
    page = (tmp_path / "seeds" / "pretrained_changes.md").read_text()
    assert "0 people stop being assigned, 0 start, 0 change persona" in page


def test_a_difference_is_shown_and_nothing_written(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    _deliver(tmp_path / "home", "2026-01-05", with_strangers=True)
    run("load")
    result = run("train", "--diff")
    assert result.exit_code == 0, result.output
    assert "0 people stop being assigned, 3 start, 0 change persona" in result.output
    assert "Nothing was written" in result.output
    assert not (tmp_path / "seeds").exists()
    # A later headcount without a list of its own makes nobody in it a newcomer.
    _deliver(tmp_path / "home", "2026-01-12", with_strangers=True)
    (tmp_path / "home" / "drop" / "persona_members_2026-01-12.csv").unlink()
    run("load")
    assert "3 start" in run("train", "--diff").output
    assert run("train").exit_code == 0
    page = (tmp_path / "seeds" / "pretrained_changes.md").read_text()
    assert "0 people stop being assigned, 3 start, 0 change persona" in page
    assert "| persona of L1 |" in page
    assert "0 start" in run("train", "--diff").output


def test_the_committed_mappings_are_those_that_the_demo_teaches(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    # The weeks of a shorter history are the same, and the mappings know the first one only.
    assert run("demo", "--weeks", "1").exit_code == 0
    assert run("load").exit_code == 0
    assert run("train").exit_code == 0
    for name in ("pretrained_mappings.csv", "pretrained_trainings.csv"):
        assert (tmp_path / "seeds" / name).read_bytes() == (SEEDS / name).read_bytes(), (
            "train on the demo again (seeds/README.md) and review the difference"
        )


def test_other_people_make_another_training(tmp_path: Path, run: Callable[..., Result]) -> None:
    _deliver(tmp_path / "home", "2026-01-05")
    run("load")
    run("train")
    (before,) = _seed(tmp_path, "pretrained_trainings.csv")
    _deliver(tmp_path / "home", "2026-01-12", first=5000)
    assert run("load").exit_code == 0
    assert run("train").exit_code == 0
    (after,) = _seed(tmp_path, "pretrained_trainings.csv")
    assert after["training_id"] != before["training_id"]
    assert (after["n_people"], after["n_extracts"]) == (str(2 * CENTERS * LEVELS * HERE), "2")
    assert run("train", "--until", "2026-01-05").exit_code == 0
    (again,) = _seed(tmp_path, "pretrained_trainings.csv")
    assert again == before


def test_evaluate_answers_for_people_it_has_not_seen(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    _deliver(tmp_path / "home", "2026-01-05")
    _deliver(tmp_path / "home", "2026-01-12", first=5000)
    assert run("load").exit_code == 0
    picture = tmp_path / "curve.svg"
    result = run("evaluate", "--json", "--picture", str(picture))
    assert result.exit_code == 0, result.output
    measures = {measure["name"]: measure for measure in json.loads(result.output)}
    assert set(measures) == {"random hold-out", "cost centers never seen", "following week"}
    assert measures["following week"]["n_strangers"] == CENTERS * LEVELS * HERE
    for measure in measures.values():
        assert measure["accuracy"] == 1.0
        right = sum(persona["right"] for persona in measure["personas"])
        assert right == measure["n_strangers"]
        # Assured is never more than delivered, and every group that assigns is listed.
        assert all(group["assured"] <= group["right"] for group in measure["groups"])
        n_assigned = sum(group["assigned"] for group in measure["groups"])
        assert n_assigned == round(measure["assigned_share"] * measure["n_strangers"])
    assert picture.read_text().startswith("<svg")
    assert run("evaluate").output.count("random hold-out") >= 3


def test_nothing_to_learn_from_is_one_sentence(run: Callable[..., Result]) -> None:
    result = run("train")
    assert result.exit_code == 1
    assert "There is nothing to learn from" in result.output


def test_too_few_known_people_is_one_sentence(tmp_path: Path, run: Callable[..., Result]) -> None:
    drop = tmp_path / "home" / "drop"
    (drop / "hr_headcount_2026-01-05.csv").write_text(
        "brid,full_name,employment_status,management_level,cost_center\n1,,active,L1,C1\n"
    )
    (drop / "persona_members_2026-01-05.csv").write_text("brid,persona_id\n1,p\n")
    run("load")
    result = run("train")
    assert result.exit_code == 1
    assert "only 1 person with a known persona" in result.output


def test_an_attribute_that_cannot_be_ignored_is_named(run: Callable[..., Result]) -> None:
    result = run("train", "--ignore", "cost_center")
    assert result.exit_code == 2
    assert "--ignore names cost_center" in result.output
