"""Learning on an invented bank: certain answers are assigned, guesses are only suggested."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from persona_access.base.warehouse import reading
from persona_access.learning.apply import Lookup
from persona_access.learning.assure import NEWCOMERS, assure
from persona_access.learning.bounds import (
    MIN_CONFIDENCE,
    HeldOut,
    _clustered_squares,
    bound_precision,
)
from persona_access.learning.calibrate import AS_SAID, calibrate, fit_curve
from persona_access.learning.evaluate import NEVER, lowest_safe
from persona_access.learning.evidence import Evidence
from persona_access.learning.feedback import (
    CONFIRMED_WEIGHT,
    FEEDBACK_FILE,
    Feedback,
    read_feedback,
    reviewed,
    weighed,
)
from persona_access.learning.keys import ladder_of
from persona_access.learning.learn import fit
from persona_access.learning.newcomers import Newcomers, newcomers_of
from persona_access.learning.observations import HIRED, Row
from persona_access.learning.prefix import best_prefix_length, prefix_of
from persona_access.learning.read import KnownPeople, know_spellings, known_people
from persona_access.learning.rows import MappingRow, tabulate
from persona_access.learning.settle import (
    CHANGES,
    STARTS,
    STOPS,
    as_markdown,
    changes,
    settled,
)
from persona_access.learning.shift import Limits, mixes_of, reused_centers
from persona_access.learning.simulate import look_up
from scenarios.project import Project

N_CENTERS, N_LEVELS, N_HERE = 40, 4, 8
WEEK = dt.date(2026, 1, 5)
MINIMUM = 0.95
SURE, GUESSED = 1, 2
LIMITS = Limits(min_people=8, min_recorded_percent=50, max_left_percent=30)


def _rows(shuffle: int = 0) -> list[Row]:
    """Invent people: the level decides the persona in branches, chance decides in head office."""
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
    return tabulate(fit(known.people, LIMITS), known.people, MINIMUM)


@pytest.fixture(scope="module")
def lookup(mappings: list[MappingRow]) -> Lookup:
    return Lookup.of(mappings)


def test_what_the_key_decides_is_assigned(lookup: Lookup) -> None:
    row = lookup.answer({"management_level": "l2", "cost_center": "br-003"})
    assert row is not None
    assert row.personas[0] == "branch 2"
    assert row.confidences[0] >= 0.95
    assert row.assured_precision >= 0.95
    assert row.support == row.hits > 0


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
    assert row.confidences[0] <= known_row.confidences[0]


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
    assert tabulate(fit(other.people, LIMITS), other.people, MINIMUM) == tabulate(
        fit(again.people, LIMITS), again.people, MINIMUM
    )
    assert len(mappings) > N_CENTERS


def test_smoothing_is_the_formula_of_the_documentation() -> None:
    rows: list[Row] = [
        ("1", "a", "x", None, None, None, None, ["p"], None, WEEK, WEEK, None),
        ("2", "a", "x", None, None, None, None, ["p"], None, WEEK, WEEK, None),
        ("3", "a", "y", None, None, None, None, ["q"], None, WEEK, WEEK, None),
    ]
    known = known_people(rows)
    evidence = Evidence(known.people, ladder_of(known.people))
    pairs = evidence.pairs(known.people.codes[:1])
    base = {"p": (2 + 1 / 2) / 4, "q": (1 + 1 / 2) / 4}
    level = (2 + 2 * base["p"]) / (3 + 2)
    center = (2 + 1 * base["p"]) / (2 + 1)
    # The level knows 3 / (3 + 2) of what there is to know, the cost center 2 / (2 + 1).
    knows = 0.6 + 1e-3, 2 / 3 + 1e-3
    prior = (knows[0] * level + knows[1] * center) / sum(knows)
    cell = (2 + 1 * prior) / (2 + 1)
    position = np.flatnonzero(pairs.persona == known.people.personas.index("p"))[0]
    assert np.exp(pairs.features[position, 0]) == pytest.approx(cell, abs=1e-4)


def test_the_calibration_curve_finds_how_often_a_score_is_right() -> None:
    generator = np.random.default_rng(3)
    scores = generator.uniform(0.05, 0.99, 30_000)
    # Overconfident scores: right less often than they say.
    curve = fit_curve(scores, generator.uniform(size=30_000) < scores**2, AS_SAID, 5)
    asked = np.array([0.3, 0.5, 0.7, 0.9])
    assert curve.estimate(asked) == pytest.approx(asked**2, abs=0.02)


def _way(n: int, share: float, per_center: int = 1) -> HeldOut:
    """Invent held-out people: one confidence for all, entire cost centers right or wrong."""
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
    apart = replace(together, witness=np.arange(1200))
    assured = [bound_precision(way, 1.645) for way in (apart, together)]
    (as_if_apart,), (as_they_are,) = (p.at(np.array([0.9])) for p in assured if p)
    assert as_they_are < as_if_apart - 0.01


def test_a_few_cost_centers_that_are_all_right_prove_little_of_the_next() -> None:
    for n_centers, least, most in ((10, 0.70, 0.85), (100, 0.96, 0.99)):
        center = np.repeat(np.arange(n_centers), 1000 // n_centers)
        way = HeldOut(np.full(1000, 0.9), np.ones(1000, dtype=np.bool_), center)
        made = bound_precision(way, 1.645, is_witness_one=True)
        assert made is not None
        assert least < made.at(np.array([0.9]))[0] < most
        assert made.at(np.array([0.9]))[0] < bound_precision(way, 1.645).at(np.array([0.9]))[0]  # type: ignore[union-attr]


def test_people_who_are_right_or_wrong_together_are_assured_less() -> None:
    n = 1000
    confidence, right = np.linspace(0.999, MIN_CONFIDENCE, n), np.arange(n) % 25 > 0
    group, asked = np.full(n, SURE), (np.array([0.9]), np.array([SURE]), MINIMUM)
    alone = HeldOut(confidence, right, np.arange(n))
    (of_people,) = assure({"random": (alone, group)}).precision(*asked)
    bound = bound_precision(alone, 1.0)
    assert bound is not None
    # One standard error would be too much for people who are each right or wrong alone.
    assert bound.at(np.array([0.9]))[0] < of_people < right.mean()
    by_manager = replace(alone, witness=np.arange(n) // 8)
    (of_managers,) = assure({"managers": (by_manager, group)}).precision(*asked)
    assert of_managers < of_people - 0.01


def test_a_joiner_is_looked_up_by_a_profile_only_where_it_has_a_row() -> None:
    rows: list[Row] = [
        (f"{n}", "l1", f"c{n % 30}", None, "clerk" if n < 300 else f"clerk {n}", None, None,
         [f"p{n % 3}"], None, WEEK, WEEK, None)
        for n in range(330)
    ]  # fmt: skip
    people = known_people(rows).people
    evidence = Evidence(people, ladder_of(people))
    rank, _ = look_up(evidence, people.codes[[0, 329]])
    # Ten known people share the first profile, nobody the second: its title and more answer.
    assert evidence.support(evidence.ladder.kinds[0], people.codes[[0, 329]]).tolist() == [10, 1]
    assert (rank < evidence.ladder.n_profiles).tolist() == [True, False]


def test_clustered_squares_are_those_of_the_definition() -> None:
    generator = np.random.default_rng(5)
    right = (generator.uniform(size=60) < 0.7).astype(float)
    center = generator.integers(0, 7, 60)
    share = right.cumsum() / np.arange(1, 61)
    found = _clustered_squares(right, center, share)
    for n in (1, 2, 17, 60):
        sums = [(right[:n] - share[n - 1])[center[:n] == c].sum() for c in range(7)]
        assert found[n - 1] == pytest.approx(sum(value**2 for value in sums))


def test_each_group_has_its_own_assurance_and_the_worst_way_counts() -> None:
    # The surest twenty are wrong, all others right: a threshold that admits the latter admits them,
    # too.
    n = 1000
    confidence = np.linspace(0.999, MIN_CONFIDENCE, n)
    sure = HeldOut(confidence, np.arange(n) >= 20, np.arange(n))
    worse = replace(sure, is_right=np.arange(n) % 4 > 0)
    group = np.full(n, SURE)
    of_sure, of_guessed = np.array([SURE]), np.array([GUESSED])
    made = assure({"random": (sure, group)})
    (surest,) = made.precision(np.array([0.999]), of_sure, MINIMUM)
    # A set assures the same to all of its answers.
    assert surest == made.precision(np.array([0.91]), of_sure, MINIMUM).max()
    assert 0.95 < surest < 0.98
    # A single answer is never a guess, however good the others are.
    assert made.precision(np.array([MIN_CONFIDENCE - 0.01]), of_sure, MINIMUM)[0] == 0.0
    # A group that nobody was held out of is assured nothing.
    assert made.precision(np.array([0.99]), of_guessed, MINIMUM)[0] == 0.0
    both = HeldOut(
        np.tile(confidence, 2), np.append(sure.is_right, worse.is_right), np.arange(2 * n)
    )
    apart = assure({"random": (both, np.repeat([SURE, GUESSED], n))})
    assert apart.precision(np.array([0.95]), of_sure, MINIMUM)[0] > 0.95
    assert apart.precision(np.array([0.95]), of_guessed, MINIMUM)[0] < 0.8
    # Of those that are assigned, the surest are assured what the whole set delivers.
    falling = replace(sure, is_right=np.arange(n) % 25 > (np.arange(n) > n / 2))
    assured = assure({"random": (falling, group)}).precision(confidence, group, MINIMUM)
    assert set(assured[assured >= MINIMUM]) == {assured[0]}
    assert abs(assured[0] - falling.is_right[assured >= MINIMUM].mean()) < 0.01
    ways = {"random": (sure, group), "cost centers": (worse, group)}
    assert assure(ways).precision(np.array([0.9]), of_sure, MINIMUM)[0] < 0.8


def test_newcomers_are_assured_what_newcomers_bear_out() -> None:
    n = 1000
    confidence, group = np.linspace(0.999, MIN_CONFIDENCE, n), np.full(n, SURE)
    sure = HeldOut(confidence, np.arange(n) >= 20, np.arange(n))
    worse = replace(sure, is_right=np.arange(n) % 4 > 0)
    asked = np.array([0.9]), np.array([SURE])
    nobody_alike = np.array([-1])
    for everybody, newcomers in ((sure, worse), (worse, sure)):
        made = assure({"random": (everybody, group), NEWCOMERS: (newcomers, group)})
        of_all = assure({"random": (everybody, group)}).precision(*asked, MINIMUM)[0]
        # They prove nothing about the others, and are assured no more than these.
        assert made.precision(*asked, MINIMUM)[0] == of_all
        assert made.precision_of_newcomers(*asked, nobody_alike, MINIMUM)[0] < 0.8
    # Without held-out newcomers, nothing is assured to them; they alone assure nothing to all.
    alone = assure({"random": (sure, group)})
    assert alone.precision_of_newcomers(*asked, nobody_alike, MINIMUM)[0] == 0.0
    alone = assure({NEWCOMERS: (sure, group)})
    assert alone.precision_of_newcomers(*asked, nobody_alike, MINIMUM)[0] == 0.0
    assert alone.precision(*asked, MINIMUM)[0] == 0.0


def test_newcomers_confirm_or_refute_the_answers_of_those_who_are_alike() -> None:
    # Of 40 cost centers with 10 newcomers each, four have another persona now, and one of 150
    # people, too.
    alike = np.append(np.repeat(np.arange(40), 10), np.full(150, 40))
    right = (alike >= 4) & (alike < 40)
    n = len(alike)
    sure = HeldOut(np.full(2000, 0.97), np.arange(2000) >= 20, np.arange(2000))
    newcomers = HeldOut(np.full(n, 0.97), right, alike)
    made = assure(
        {
            "random": (sure, np.full(2000, SURE)),
            NEWCOMERS: (newcomers, np.full(n, SURE)),
        }
    )
    asked = np.array([20, 2, 40, 41, -1])
    assured = made.precision_of_newcomers(np.full(5, 0.97), np.full(5, SURE), asked, MINIMUM)
    # Newcomers confirm the first answer and refute the next two. Nobody is like the last two, of
    # whom so many were wrong that they are not assigned.
    assert (assured >= MINIMUM).tolist() == [True, False, False, False, False]
    # A single newcomer does not confirm an answer.
    few = replace(newcomers, witness=np.append(np.arange(400), np.full(150, 400)))
    made = assure({"random": (sure, np.full(2000, SURE)), NEWCOMERS: (few, np.full(n, SURE))})
    (alone,) = made.precision_of_newcomers(
        np.array([0.97]), np.array([SURE]), np.array([200]), MINIMUM
    )
    assert alone < MINIMUM


def test_people_joined_after_the_training_are_new_as_far_as_evidence_reaches() -> None:
    first = dt.date(2020, 1, 1)
    rows: list[Row] = [
        (*row[:8], first + dt.timedelta(days=n), *row[9:]) for n, row in enumerate(_titled())
    ]
    newcomers = newcomers_of(known_people(rows).people)
    # 600 people, hired day by day: the last fifth came over 120 days, but for one in a hundred.
    assert newcomers == Newcomers("2021-08-16", "2021-12-11")
    row = MappingRow(1, {"cost_center": "c1"}, ("p",), (0.97,), 0.97, 9, 9, "title known", 0.96)
    lookup = Lookup.of([row], newcomers)
    for hired, assured in (
        (None, 0.97),
        ("2021-08-16", 0.97),
        ("2021-08-17", 0.96),
        ("2021-12-11", 0.96),
        ("2021-12-12", 0.0),
    ):
        assert lookup.assured(row, {"cost_center": "c1", HIRED: hired}) == assured
    # HR sends no hire dates: joiners are assured nothing.
    assert newcomers_of(known_people(_titled()).people) == Newcomers(WEEK.isoformat(), "")


def test_whom_hr_did_not_have_at_the_training_is_new_to_it() -> None:
    """The cases are those of the unit test of int_employee_arrivals."""
    newcomers = Newcomers("2025-12-01", "2026-02-01", "2026-01-05")
    for hired, seen, assured in (
        ("2025-12-01", "2026-01-05", 0.97),
        ("2025-12-02", "2026-01-05", 0.96),
        ("2026-02-01", "2026-01-05", 0.96),
        ("2026-02-02", "2026-01-05", 0.0),
        ("2025-11-01", "2026-01-12", 0.96),
        ("2025-11-01", "2026-02-09", 0.0),
        (None, "2026-01-05", 0.97),
        (None, "2026-01-12", 0.96),
        (None, "2026-02-09", 0.0),
    ):
        assert newcomers.precision(0.97, 0.96, hired, seen) == assured


def test_newcomers_who_are_alike_decide_about_the_next_one() -> None:
    def assured(late: dict[int, str]) -> list[bool]:
        rows: list[Row] = [
            (
                f"{n}", "l1", f"c{n % 10}", None, None, None, None,
                [late.get(n, f"p{n % 10}")], WEEK - dt.timedelta(days=2000 - n), WEEK, WEEK, None,
            )
            for n in range(1500)
        ]  # fmt: skip
        people = known_people(rows).people
        by_center = {
            row.key.get("cost_center"): row.newcomer_precision >= MINIMUM
            for row in reversed(tabulate(fit(people, LIMITS), people, MINIMUM))
        }
        return [by_center["c0"], by_center["c1"]]

    # 9 of the 300 newcomers hold another persona: here and there, or all in one cost center.
    assert assured({1200 + 23 * n: "trainee" for n in range(9)}) == [True, True]
    assert assured({1400 + 10 * n: "trainee" for n in range(9)}) == [False, True]


def test_the_curve_of_a_small_group_stays_near_everybodys() -> None:
    generator = np.random.default_rng(3)
    scores = generator.uniform(0.05, 0.99, 4_000)
    right = generator.uniform(size=4_000) < scores
    group = np.where(np.arange(4_000) < 8, GUESSED, SURE)
    right[:8] = False
    made = calibrate(scores, right, group)
    asked = np.array([0.8, 0.8])
    sure, guessed = made.confidence(asked, np.array([SURE, GUESSED]))
    assert sure == pytest.approx(0.8, abs=0.03)
    assert 0.4 < guessed < sure - 0.05


def test_an_exact_tie_is_never_assigned() -> None:
    # One half of each cell holds this, the other that; everybody holds both in the last cell.
    rows = [
        (
            f"{n}",
            "l1",
            f"c{n % 30}",
            None,
            None,
            None,
            None,
            [f"p{n // 300}"],
            None,
            WEEK,
            WEEK,
            None,
        )
        for n in range(600)
    ]
    known = known_people(rows)
    answers = tabulate(fit(known.people, LIMITS), known.people, 0.3)
    assert answers
    assert all(row.assured_precision < 0.7 for row in answers)


def test_a_rare_title_is_looked_at_and_an_unknown_one_falls_back_to_its_words() -> None:
    rows = _titled()
    rare = (
        "r1",
        "l1",
        "c1",
        None,
        "keeper of seals",
        None,
        None,
        ["seals"],
        None,
        WEEK,
        WEEK,
        None,
    )
    headcount = _in_headcount("s1", "l1", "c1", "senior teller north")
    known = known_people([*rows, rare, headcount])
    lookup = Lookup.of(tabulate(fit(known.people, LIMITS), known.people, MINIMUM))
    person = {"management_level": "l1", "cost_center": "c1"}
    found = lookup.answer(person | {"job_title": "keeper of seals"})
    assert found is not None
    assert found.personas[0] == "seals"
    assert "job title rare" in found.group
    unknown = lookup.answer(person | {"job_title": "senior teller north"})
    assert unknown is not None
    assert unknown.personas[0] == "teller"
    assert "job title like a known one" in unknown.group


def test_the_manager_tells_the_persona_where_nothing_else_does() -> None:
    rows: list[Row] = [
        (
            f"{n}", "l1", f"c{n % 3}", None, None, None, f"m{n % 40}",
            [("sales", "claims")[n % 40 % 2]], None, WEEK, WEEK, None,
        )
        for n in range(800)
    ]  # fmt: skip
    known = known_people(rows)
    lookup = Lookup.of(tabulate(fit(known.people, LIMITS), known.people, MINIMUM))
    for manager, persona in (("m6", "sales"), ("m7", "claims")):
        found = lookup.answer(
            {"management_level": "l1", "cost_center": "c1", "manager_brid": manager}
        )
        assert found is not None
        assert (found.personas[0], "manager_brid" in found.key) == (persona, True)
        assert found.assured_precision >= MINIMUM


def test_people_under_a_new_manager_of_managers_are_not_in_a_team() -> None:
    """Chiefs lead eight leads each, who lead four people each; all have one title."""
    rows: list[Row] = []
    for chief in range(20):
        for lead in range(8):
            who = f"t{chief}.{lead}"
            rows.append(_under(who, f"c{chief}", "lead"))
            rows += [_under(f"{who}.{n}", who, "clerk") for n in range(4)]
    # Of everybody under the last chief, only the headcount knows.
    strangers = [_under(f"n{lead}", "c20", None) for lead in range(8)]
    strangers += [_under(f"n{lead}.{n}", f"n{lead}", None) for lead in range(8) for n in range(4)]
    known = known_people([*rows, *strangers])
    managers = known.people.values[known.people.attributes.index("manager_brid")]
    over = dict(zip(managers, known.people.manager_over.tolist(), strict=True))
    assert [over[name] for name in ("c0", "c20", "t0.0", "n0")] == [2, 2, 0, 0]
    lookup = Lookup.of(tabulate(fit(known.people, LIMITS), known.people, MINIMUM))
    for manager, persona in (("c20", "lead"), ("n0", "clerk")):
        found = lookup.answer(
            {"management_level": "l1", "cost_center": "c1", "job_title": "clerk"}
            | {"manager_brid": manager}
        )
        assert found is not None
        assert found.personas[0] == persona
        assert found.confidences[0] > 0.9


def _under(brid: str, manager: str, persona: str | None) -> Row:
    held = [persona] if persona else None
    return (brid, "l1", "c1", None, "clerk", None, manager, held, None, WEEK, WEEK, None)


def test_a_row_that_nobody_was_held_out_of_contradicts_but_does_not_doubt() -> None:
    """Each cost center has one manager, so a title and manager answer nobody who is held out."""
    rows: list[Row] = []
    for n in range(1200):
        title = ("teller", "auditor", "adviser", "engineer")[n // 60 % 4]
        place = n % 60
        persona = "vault" if (title, place) == ("teller", 59) else title
        row = (f"{n}", "l1", f"c{place}", None, title, None, f"m{place}", [persona])
        rows.append((*row, None, WEEK, WEEK, None))
    people = known_people(rows).people
    found = [
        (row.key["job_title"], row.key["manager_brid"], row.assured_precision)
        for row in tabulate(fit(people, LIMITS), people, MINIMUM)
        if row.looks_at == "job_title+manager_brid"
    ]
    # The title says teller; whom this manager leads holds something else.
    assert found == [("teller", "m59", 0.0)]


def test_a_cost_center_that_belongs_to_others_now_assigns_nobody() -> None:
    rows = _titled()
    now = [
        _in_headcount(f"n{n}", "l1", f"c{n % 7}", "pilot" if n % 7 == 3 else rows[n][5] or "")
        for n in range(210)
    ]
    known = known_people([*rows, *now])
    centers = known.people.values[known.people.attributes.index("cost_center")]
    reused = reused_centers(known.people, mixes_of(known.people, LIMITS), LIMITS)
    assert [centers[code] for code in reused] == ["c3"]
    for row in tabulate(fit(known.people, LIMITS), known.people, MINIMUM):
        assert row.key.get("cost_center") != "c3" or row.assured_precision == 0.0
    # The same people again are no other unit.
    again = [_in_headcount(row[0], "l1", row[2], row[5] or "") for row in rows]
    people = known_people([*rows, *again]).people
    assert len(reused_centers(people, mixes_of(people, LIMITS), LIMITS)) == 0


def test_the_shift_of_cost_centers_is_that_of_the_model() -> None:
    """The cases are those of the unit test of int_reorganised_cost_centers."""
    known = _mixes()
    now: list[Row] = []
    for center, department, title, n in (
        ("moved", "hr", "pilot", 8),
        ("moved", "hr", "clerk", 1),
        ("moved", "hr", "auditor", 1),
        ("grown", "hr", "pilot", 5),
        ("grown", "fin", "clerk", 5),
        ("renamed", "finance", "clerk", 9),
        ("few", "hr", "pilot", 7),
        ("vague", None, "pilot", 9),
        ("new", "hr", "pilot", 9),
        ("at the limit", "hr", "pilot", 7),
        ("at the limit", "fin", "pilot", 3),
    ):
        now += [_placed(f"n{len(now) + at}", center, department, title) for at in range(n)]
    people = known_people([*known, *((*row[:7], None, *row[8:]) for row in now)]).people
    centers = people.values[people.attributes.index("cost_center")]
    mixes = mixes_of(people, LIMITS)
    assert [centers[code] for code in reused_centers(people, mixes, LIMITS)] == ["moved"]
    recorded = {(mix.cost_center, mix.attribute_value): mix.share_percent for mix in mixes}
    assert recorded[("moved", "clerk")] == 60
    assert recorded[("vague", "clerk")] == 40
    assert not any(value.startswith("keeper") for _, value in recorded)


def _mixes() -> list[Row]:
    """Invent forty known people a cost center."""
    rows: list[Row] = []
    for center, department, titles in (
        ("moved", "fin", ["clerk"] * 24 + ["auditor"] * 16),
        ("grown", "fin", ["clerk"] * 40),
        ("renamed", "fin", ["clerk"] * 40),
        ("few", "fin", ["clerk"] * 40),
        ("vague", None, ["clerk"] * 16 + [f"keeper {n}" for n in range(24)]),
        ("at the limit", "fin", [None] * 40),
    ):
        rows += [
            _placed(f"{center} {n}", center, department, title) for n, title in enumerate(titles)
        ]
    return rows


def _placed(brid: str, center: str, department: str | None, title: str | None) -> Row:
    return (brid, "l1", center, department, title, None, None, ["p"], None, WEEK, WEEK, None)


def test_feedback_teaches_and_what_was_rejected_does_not(tmp_path: Path) -> None:
    (tmp_path / FEEDBACK_FILE).write_text(
        "brid,persona_id,verdict,valid_from,valid_to,requested_by,approved_by,approved_on,rationale\n"
        " b0901,keeper, Confirmed ,2026-01-01,,5,6,2026-01-01,seen\n"
        "902,auditor,rejected,2026-01-01,,5,6,2026-01-01,wrong\n"
        "903,keeper,confirmed,2026-01-01,,5,,,nobody approved\n"
        "903,keeper,confirmed,2025-01-01,2026-01-04,5,6,2025-01-01,expired\n"
        "903,keeper,confirmed,2026-01-06,,5,6,2026-01-01,not yet\n"
        "1.5E3,keeper,confirmed,2026-01-01,,5,6,2026-01-01,a number of a spreadsheet\n"
    )
    feedback = read_feedback(tmp_path, WEEK)
    assert feedback.confirmed == {("901", "keeper")}
    rows = [
        *_titled(),
        ("902", "l1", "c1", None, "auditor", None, None, ["auditor"], None, WEEK, WEEK, None),
        _in_headcount("901", "l1", "c1", "keeper of seals"),
        _in_headcount("903", "l1", "c1", "keeper of keys"),
    ]
    taught = reviewed(rows, feedback)
    known = {row[0]: row[7] for row in taught if row[7]}
    assert known["901"] == ["keeper"]
    assert "902" not in known
    assert "903" not in known
    people = known_people(taught).people
    weight = dict(zip(people.brids.tolist(), weighed(people, feedback).weight, strict=True))
    assert (weight["901"], weight["1"]) == (CONFIRMED_WEIGHT, 1.0)
    assert reviewed(rows, Feedback()) == rows


def test_answers_of_reviewers_teach_unless_the_decisions_say_otherwise(tmp_path: Path) -> None:
    (tmp_path / FEEDBACK_FILE).write_text(
        "brid,persona_id,verdict,valid_from,valid_to,requested_by,approved_by,approved_on,rationale\n"
        "901,keeper,confirmed,2026-01-01,,5,6,2026-01-01,seen\n"
        "902,auditor,confirmed,2026-01-01,2026-01-04,5,6,2026-01-01,expired\n"
    )
    answers = [
        # decision, BRID, persona, verdict, answered on
        ("agrees", "901", "keeper", "confirmed", WEEK),
        # Another persona is right: both rows of an answer fall with the one that contradicts.
        ("contradicts", "901", "keeper", "rejected", WEEK),
        ("contradicts", "901", "auditor", "confirmed", WEEK),
        ("expired_no_more", "902", "auditor", "rejected", WEEK),
        ("first", "903", "keeper", "rejected", dt.date(2026, 1, 2)),
        ("newer", "903", "keeper", "confirmed", dt.date(2026, 1, 3)),
        ("one_day", "904", "keeper", "rejected", WEEK),
        ("one_day_too", "904", "keeper", "confirmed", WEEK),
        ("later", "905", "keeper", "confirmed", dt.date(2026, 1, 6)),
    ]
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema reporting")
        connection.execute(
            "create table reporting.rpt_reviewed_personas (decision_id varchar, brid varchar, "
            "persona_id varchar, persona_verdict varchar, answered_date date)"
        )
        connection.executemany(
            "insert into reporting.rpt_reviewed_personas values (?, ?, ?, ?, ?)", answers
        )
    assert read_feedback(tmp_path, WEEK, warehouse) == Feedback(
        confirmed=frozenset({("901", "keeper"), ("903", "keeper")}),
        rejected=frozenset({("902", "auditor"), ("904", "keeper")}),
        n_answered=3,
        n_contradicting=1,
    )
    assert read_feedback(tmp_path / "none", WEEK, tmp_path / "none.duckdb") == Feedback()


def test_train_spells_brids_as_the_models_do(built_bank: Project) -> None:
    written = ["b0901", " B000 ", "B12x", "1.5E3", "1e5", "12.", "x-1_2.b", "=cmd()", "0", "", "ä1"]
    with reading(built_bank.settings.warehouse) as connection:
        know_spellings(connection)
        different = connection.execute(
            "select written, normalised_brid(written), runs.normalise_brid(written) "
            "from unnest($written) as each(written) "
            "where normalised_brid(written) is distinct from runs.normalise_brid(written)",
            {"written": written},
        ).fetchall()
    assert different == []


def _titled() -> list[Row]:
    """Invent people whose title, or the title without its last word, determines the persona."""
    names = ("teller", "auditor", "adviser", "engineer")
    return [
        (
            f"{n}", "l1", f"c{n % 7}", None,
            f"{names[n % 4]}{('', f' unit {n % 60}')[n % 3 == 0]}", None, None,
            [names[n % 4]], None, WEEK, WEEK, None,
        )
        for n in range(600)
    ]  # fmt: skip


def _in_headcount(brid: str, level: str, center: str, title: str) -> Row:
    return (brid, level, center, None, title, None, None, None, None, WEEK, WEEK, None)


def test_one_per_cent_more_people_change_the_rows_whose_decision_changed() -> None:
    rows = _titled()
    more = [(f"x{row[0]}", *row[1:]) for row in rows[::100]]
    standing, new = (
        tabulate(fit(known.people, LIMITS), known.people, MINIMUM)
        for known in (known_people(rows), known_people([*rows, *more]))
    )
    kept = settled(new, standing, MINIMUM)
    assert [row.mapping_id for row in kept] == [row.mapping_id for row in new]
    by_id = {row.mapping_id: row for row in standing}
    for before, after in zip(kept, new, strict=True):
        # The standing row decides in the same way as the new row would.
        assert before.personas[0] == after.personas[0]
        assert (before.assured_precision >= MINIMUM) == (after.assured_precision >= MINIMUM)
    n_touched = sum(row != by_id.get(row.mapping_id) for row in kept)
    assert n_touched < len(kept) / 5
    assert sum(row != by_id.get(row.mapping_id) for row in new) > n_touched


def test_changed_decisions_are_counted_in_people() -> None:
    row = MappingRow(1, {"cost_center": "c1"}, ("p",), (0.97,), 0.96, 9, 9, "title known")
    people = [{"cost_center": "c1"}, {"cost_center": "c1"}, {"cost_center": "c2"}]
    other = replace(row, personas=("q",))
    unsure = replace(row, assured_precision=0.9, confidences=(0.91,))
    nothing, before = Lookup.of([]), Lookup.of([row])
    for old, new, kind, why in (
        (
            nothing, before, STARTS,
            "no mapping before; 9 of 9 known people hold it, assured precision 0.96",
        ),
        (
            nothing, Lookup.of([replace(row, support=0, hits=0)]), STARTS,
            "no mapping before; nobody known has these values together, so it is inferred",
        ),
        (before, Lookup.of([]), STOPS, "no mapping now: none matches the person"),
        (before, Lookup.of([other]), CHANGES, "same figures"),
        (before, Lookup.of([unsure]), STOPS, "confidence 0.97 -> 0.91"),
    ):  # fmt: skip
        (change,) = changes(people, old, new, MINIMUM)
        assert (change.kind, change.people) == (kind, 2)
        assert why in change.why
    assert changes(people, before, before, MINIMUM) == []
    page = as_markdown(changes(people, before, Lookup.of([unsure]), MINIMUM), "t1")
    assert "2 people stop being assigned, 0 start, 0 change persona" in page
    assert "| 2 | stops assigning | p |  | cost_center | c1 | confidence 0.97 -> 0.91" in page
    assert "reject it in persona_feedback.csv and train again" in page


def test_lowest_safe_confidence() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    is_right = np.array([True, True, False, True])
    assert lowest_safe(confidence, is_right, 0.95) == pytest.approx(0.8)
    assert lowest_safe(confidence, is_right, 0.75) == pytest.approx(0.6)
    assert lowest_safe(confidence, np.zeros(4, dtype=np.bool_), 0.5) == NEVER


def test_prefix_is_chosen_by_what_it_tells_about_unknown_cost_centers() -> None:
    rows = _rows()
    length = best_prefix_length([row[2] for row in rows], [row[7] for row in rows])
    assert length == 2
    assert prefix_of("br-003", length) == "br"
    assert prefix_of("br", length) is None
    alone = [f"{number}" for number in range(100)]
    assert best_prefix_length(list(alone), [["p"] for _ in alone]) == 0
