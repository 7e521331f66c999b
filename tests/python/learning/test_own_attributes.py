"""The learner uses a bank's own attributes, and writes them as conditions."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from persona_access.base.errors import SettingsError
from persona_access.learning.apply import Lookup
from persona_access.learning.learn import fit
from persona_access.learning.observations import Row
from persona_access.learning.read import known_people, left_out
from persona_access.learning.rows import tabulate
from persona_access.learning.seed import CONDITIONS_FILE, MAPPINGS_FILE, Training, write_seeds
from persona_access.learning.shift import Limits

DAY = dt.date(2026, 10, 5)
LIMITS = Limits(min_people=8, min_recorded_percent=50, max_left_percent=30)


def people(*, has_families: bool) -> list[Row]:
    """Return people of one level and cost center; only their job family determines the persona."""
    rows: list[Row] = []
    for number in range(240):
        family = ("teller", "adviser", "auditor")[number % 3]
        own = json.dumps({"job_family": family, "badge": str(number)}) if has_families else None
        center = f"c{number % 4}"
        rows.append(
            (
                str(number),
                "l1",
                center,
                None,
                None,
                None,
                None,
                [f"p-{family}"],
                None,
                DAY,
                DAY,
                own,
            )
        )
    return rows


def test_an_own_attribute_tells_the_persona_where_nothing_else_does() -> None:
    known = known_people(people(has_families=True))
    assert "job_family" in known.people.attributes
    # Every badge is different, so it can only identify people and is not learned from.
    assert "badge" not in known.people.attributes
    rows = tabulate(fit(known.people, LIMITS), known.people, 0.95)
    lookup = Lookup.of(rows)
    for family in ("teller", "adviser", "auditor"):
        person = {"management_level": "l1", "cost_center": "c1", "job_family": family}
        found = lookup.answer(person)
        assert found is not None
        assert found.personas[0] == f"p-{family}"
        assert found.key["job_family"] == family


def test_what_the_learner_looks_at_is_written_as_conditions(tmp_path: Path) -> None:
    known = known_people(people(has_families=True))
    rows = tabulate(fit(known.people, LIMITS), known.people, 0.95)
    training = Training("2026-10-05", "2026-10-05", 1, 240, 3, "x", "y", "z", "", "")
    write_seeds(tmp_path, rows, [], training, [])
    with (tmp_path / MAPPINGS_FILE).open(encoding="utf-8") as file:
        mappings = {row["mapping_id"]: row for row in csv.DictReader(file)}
    with (tmp_path / CONDITIONS_FILE).open(encoding="utf-8") as file:
        conditions = list(csv.DictReader(file))
    assert conditions
    for condition in conditions:
        assert condition["attribute_name"] in mappings[condition["mapping_id"]]["looks_at"]
    assert "job_family" not in next(iter(mappings.values()))


def test_without_own_attributes_nothing_is_different() -> None:
    known = known_people(people(has_families=False))
    assert known.people.attributes[:2] == ("management_level", "cost_center")
    assert "job_family" not in known.people.attributes


def test_an_own_attribute_can_be_left_out_and_the_level_cannot() -> None:
    known = known_people(people(has_families=True), left_out(["job_family"]))
    assert "job_family" not in known.people.attributes
    with pytest.raises(SettingsError, match="always used"):
        left_out(["management_level"])
