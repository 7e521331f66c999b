"""Learning on an invented bank: what is certain is assigned, what is a guess is a suggestion."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import numpy as np
import pytest

from persona_access.learning.apply import Lookup
from persona_access.learning.assure import HeldOut, _clustered_squares, assure, bound_precision
from persona_access.learning.calibrate import COARSE, OBSERVED, fit_curve
from persona_access.learning.evaluate import NEVER, lowest_safe
from persona_access.learning.evidence import Evidence
from persona_access.learning.learn import fit
from persona_access.learning.observations import Row
from persona_access.learning.prefix import best_prefix_length, prefix_of
from persona_access.learning.read import KnownPeople, known_people
from persona_access.learning.rows import MappingRow, tabulate

N_CENTERS, N_LEVELS, N_HERE = 40, 4, 8
WEEK = dt.date(2026, 1, 5)


def _rows(shuffle: int = 0) -> list[Row]:
    """Invent people: in branches the level decides the persona; in head office a coin does."""
    coin = random.Random(7)  # noqa: S311 - invented data
    rows: list[Row] = []
    for center in range(N_CENTERS):
        is_branch = center < N_CENTERS // 2
        name = f"br-{center:03d}" if is_branch else f"ho-{center:03d}"
        for level in range(N_LEVELS):
            for person in range(N_HERE):
                persona = f"branch {level}" if is_branch else f"office {coin.randrange(6)}"
                rows.append(
                    (
                        f"{center:02d}{level}{person:02d}",
                        f"l{level}",
                        name,
                        None,
                        None,
                        None,
                        [persona],
                        None,
                        WEEK,
                        WEEK,
                        None,
                    )
                )
    random.Random(shuffle).shuffle(rows)  # noqa: S311 - order must not matter
    return rows


@pytest.fixture(scope="module")
def known() -> KnownPeople:
    return known_people(_rows())


@pytest.fixture(scope="module")
def mappings(known: KnownPeople) -> list[MappingRow]:
    return tabulate(fit(known.people), known.people.values)


@pytest.fixture(scope="module")
def lookup(known: KnownPeople, mappings: list[MappingRow]) -> Lookup:
    return Lookup.of(mappings, known.prefix_length)


def test_what_the_key_decides_is_assigned(lookup: Lookup) -> None:
    row = lookup.answer({"management_level": "l2", "cost_center": "br-003"})
    assert row is not None
    assert row.personas[0] == "branch 2"
    assert row.confidences[0] >= 0.95
    assert row.assured_precision >= 0.95
    assert row.support == row.hits == N_HERE


def test_a_coin_is_never_assigned_however_it_fell(known: KnownPeople, lookup: Lookup) -> None:
    for row in _rows():
        if row[2].startswith("ho-"):
            answer = lookup.answer({"management_level": row[1], "cost_center": row[2]})
            assert answer is not None
            assert answer.confidences[0] < 0.6
            assert answer.assured_precision < 0.95
    assert known.people.attributes[:2] == ("management_level", "cost_center")


def test_an_unknown_cost_center_is_answered_from_its_prefix_and_level(lookup: Lookup) -> None:
    row = lookup.answer({"management_level": "l1", "cost_center": "br-999"})
    assert row is not None
    assert row.looks_at == "management_level+cost_center_prefix"
    assert row.personas[0] == "branch 1"
    known_row = lookup.answer({"management_level": "l1", "cost_center": "br-003"})
    assert known_row is not None
    assert row.confidences[0] < known_row.confidences[0]


def test_nobody_without_attributes_is_answered(lookup: Lookup) -> None:
    assert lookup.answer({"management_level": None, "cost_center": None}) is None
    assert lookup.answer({"management_level": "l9", "cost_center": "zz"}) is None


def test_suggestions_are_ordered_and_differ(mappings: list[MappingRow]) -> None:
    for row in mappings:
        assert list(row.confidences) == sorted(row.confidences, reverse=True)
        assert len(set(row.personas)) == len(row.personas)
        assert 0 <= row.hits <= row.support


def test_no_two_rows_answer_at_one_rank(mappings: list[MappingRow]) -> None:
    keys = {(row.key_rank, tuple(row.key.values())) for row in mappings}
    assert len(keys) == len(mappings)
    assert len({row.mapping_id for row in mappings}) == len(mappings)
    assert len({(row.key_rank, row.looks_at) for row in mappings}) == len(
        {row.key_rank for row in mappings}
    )


def test_the_order_of_the_input_changes_nothing(
    known: KnownPeople, mappings: list[MappingRow]
) -> None:
    other = known_people(sorted(_rows(shuffle=5)))
    assert other.people.values == known.people.values
    again = known_people(sorted(_rows(shuffle=9)))
    assert tabulate(fit(other.people), other.people.values) == tabulate(
        fit(again.people), again.people.values
    )
    assert len(mappings) > N_CENTERS


def test_smoothing_is_the_formula_of_the_documentation() -> None:
    rows: list[Row] = [
        ("1", "a", "x", None, None, None, ["p"], None, WEEK, WEEK, None),
        ("2", "a", "x", None, None, None, ["p"], None, WEEK, WEEK, None),
        ("3", "a", "y", None, None, None, ["q"], None, WEEK, WEEK, None),
    ]
    known = known_people(rows)
    pairs = Evidence(known.people).pairs(known.people.codes[:1])
    base = {"p": (2 + 1 / 2) / 4, "q": (1 + 1 / 2) / 4}
    level = (2 + 2 * base["p"]) / (3 + 2)
    center = (2 + 1 * base["p"]) / (2 + 1)
    cell = (2 + 1 * (level + center) / 2) / (2 + 1)
    position = np.flatnonzero(pairs.persona == known.people.personas.index("p"))[0]
    assert np.exp(pairs.features[position, 0]) == pytest.approx(cell, abs=1e-4)


def test_the_calibration_curve_finds_how_often_a_score_is_right() -> None:
    generator = np.random.default_rng(3)
    scores = generator.uniform(0.05, 0.99, 30_000)
    # Overconfident scores: right less often than they say.
    curve = fit_curve(scores, generator.uniform(size=30_000) < scores**2)
    assert curve is not None
    asked = np.array([0.3, 0.5, 0.7, 0.9])
    assert curve.estimate(asked) == pytest.approx(asked**2, abs=0.02)


def _way(n: int, share: float, per_center: int = 1) -> HeldOut:
    """Invent people held out: one confidence for all, whole cost centers right or wrong."""
    generator = np.random.default_rng(3)
    right = np.repeat(generator.uniform(size=n // per_center) < share, per_center)
    return HeldOut(np.full(n, 0.9), right, np.repeat(np.arange(n // per_center), per_center))


def test_a_bound_stays_below_what_was_seen_and_tightens_with_people() -> None:
    bounds = []
    for n in (300, 30_000):
        way = _way(n, 0.9)
        made = bound_precision(way, 1.645)
        assert made is not None
        (bound,) = made.at(np.array([0.95]))
        assert bound < way.is_right.mean()
        bounds.append(way.is_right.mean() - bound)
    assert bounds[1] < bounds[0] / 5


def test_people_of_one_cost_center_count_as_less_evidence() -> None:
    together = _way(1200, 0.9, per_center=20)
    apart = replace(together, center=np.arange(1200))
    assured = [bound_precision(way, 1.645) for way in (apart, together)]
    (as_if_apart,), (as_they_are,) = (p.at(np.array([0.9])) for p in assured if p)
    assert as_they_are < as_if_apart - 0.01


def test_a_few_cost_centers_that_are_all_right_prove_little_of_the_next() -> None:
    for n_centers, least, most in ((10, 0.70, 0.85), (100, 0.96, 0.99)):
        center = np.repeat(np.arange(n_centers), 1000 // n_centers)
        way = HeldOut(np.full(1000, 0.9), np.ones(1000, dtype=np.bool_), center)
        made = bound_precision(way, 1.645, is_center_one_witness=True)
        assert made is not None
        assert least < made.at(np.array([0.9]))[0] < most
        assert made.at(np.array([0.9]))[0] < bound_precision(way, 1.645).at(np.array([0.9]))[0]  # type: ignore[union-attr]


def test_clustered_squares_are_those_of_the_definition() -> None:
    generator = np.random.default_rng(5)
    right = (generator.uniform(size=60) < 0.7).astype(float)
    center = generator.integers(0, 7, 60)
    share = right.cumsum() / np.arange(1, 61)
    found = _clustered_squares(right, center, share)
    for n in (1, 2, 17, 60):
        sums = [(right[:n] - share[n - 1])[center[:n] == c].sum() for c in range(7)]
        assert found[n - 1] == pytest.approx(sum(value**2 for value in sums))


def test_a_set_assures_the_same_to_all_of_its_answers_and_the_worst_way_counts() -> None:
    # The surest twenty are wrong, all others right: whoever assigns the latter assigns them, too.
    n = 1000
    confidence = np.linspace(0.999, 0.5, n)
    sure = HeldOut(confidence, np.arange(n) >= 20, np.arange(n))
    worse = replace(sure, is_right=np.arange(n) % 4 > 0)
    nobody = HeldOut(np.zeros(0), np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int64))
    observed, coarse = np.array([OBSERVED]), np.array([COARSE])
    asked = np.array([0.9])
    made = assure(sure, worse, nobody)
    (surest,) = made.precision(np.array([0.999]), observed)
    assert surest == made.precision(np.array([0.8]), observed).max()
    assert 0.95 < surest < 0.98
    assert made.precision(asked, coarse)[0] < 0.75
    assert assure(sure, nobody, worse).precision(asked, observed)[0] < 0.76
    assert made.precision(np.array([0.74]), observed)[0] == 0.0
    # Without anybody held out in a way that matters, nothing is assured.
    assert assure(sure, nobody, nobody).precision(asked, coarse)[0] == 0.0
    assert assure(nobody, sure, sure).precision(asked, observed)[0] == 0.0


def test_too_few_people_give_no_curve() -> None:
    assert fit_curve(np.full(99, 0.9), np.ones(99, dtype=np.bool_)) is None


def test_lowest_safe_confidence() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    is_right = np.array([True, True, False, True])
    assert lowest_safe(confidence, is_right, 0.95) == pytest.approx(0.8)
    assert lowest_safe(confidence, is_right, 0.75) == pytest.approx(0.6)
    assert lowest_safe(confidence, np.zeros(4, dtype=np.bool_), 0.5) == NEVER


def test_prefix_is_chosen_by_what_it_tells_about_unknown_cost_centers() -> None:
    rows = _rows()
    length = best_prefix_length([row[2] for row in rows], [row[6] for row in rows])
    assert length == 2
    assert prefix_of("br-003", length) == "br"
    assert prefix_of("br", length) is None
    alone = [f"{number}" for number in range(100)]
    assert best_prefix_length(list(alone), [["p"] for _ in alone]) == 0
