"""Finding roles in planted matrices, and hidden rows of a persona list."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from planted.roles import SHAPES, planted_matrix

from persona_access.learning.roles import likely_rows
from persona_access.learning.roles.decomposition import Role, decompose, tradeoff
from persona_access.learning.roles.matrices import Bank, make_bank


def _given(roles: list[Role]) -> set[tuple[int, int]]:
    return {(person, app) for role in roles for person in role.people for app in role.applications}


@pytest.mark.parametrize("shape", SHAPES[:3], ids=lambda shape: shape["name"])
def test_roles_give_exactly_what_people_hold_and_are_hardly_more_than_planted(
    shape: dict[str, Any],
) -> None:
    planted = planted_matrix(**shape)
    found = decompose(planted.pairs, restarts=3, repairs=500)
    assert _given(found.roles) == set(planted.pairs)
    assert found.lower_bound <= len(found.roles) <= planted.n_roles * 1.1


def test_the_lower_bound_proves_a_smallest_decomposition() -> None:
    pairs = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0)]
    found = decompose(pairs)
    assert len(found.roles) == found.lower_bound == 3
    assert decompose([]).roles == []


def test_noise_costs_roles_and_few_roles_explain_most_of_the_access() -> None:
    shape: dict[str, Any] = {**SHAPES[0], "people": 120}
    clean, noisy = planted_matrix(**shape), planted_matrix(**shape, noise=0.05)
    few, many = decompose(clean.pairs, repairs=100), decompose(noisy.pairs, repairs=100)
    assert len(many.roles) > len(few.roles)
    curve = tradeoff(noisy.pairs, many.roles)
    assert [n_roles for n_roles, _ in curve] == list(range(len(curve)))
    assert curve[-1][1] == 1
    assert curve[len(few.roles)][1] > 0.5


def _invented_bank(hidden_share: float, seed: int) -> tuple[Bank, set[tuple[str, str]]]:
    """Invent teams with a system each, in departments whose applications all their people hold."""
    draws = random.Random(seed)  # noqa: S311
    teams = {f"team-{number:03}": f"department-{number % 12:02}" for number in range(80)}
    rows = {(team, f"system-{team[5:]}") for team in teams}
    rows |= {(team, f"shared-{draws.randrange(20):02}") for team in teams}
    rows |= {(of_team, f"{of_team}-app-{n}") for of_team in teams.values() for n in range(4)}
    members = set()
    for person in range(600):
        team = draws.choice(sorted(teams))
        members |= {(f"{person}", team), (f"{person}", teams[team])}
    held = {(person, app) for person, team in members for row, app in rows if row == team}
    hidden = {row for row in sorted(rows) if draws.random() < hidden_share}
    bank = make_bank(members=members, held=held, privileged=set(), listed=rows - hidden)
    return bank, hidden


def test_hidden_rows_are_found_more_surely_than_by_a_fixed_share() -> None:
    bank, hidden = _invented_bank(0.2, seed=3)
    scores = likely_rows.score(bank)
    proposed = {
        (bank.personas[persona], bank.applications[app])
        for persona, app, is_likely, is_listed in zip(
            scores.persona, scores.application, scores.likely(), scores.is_listed, strict=True
        )
        if is_likely and not is_listed
    }
    shares = (bank.members.T @ bank.held).toarray() / bank.members.sum(axis=0)[:, None]
    listed = bank.listed.toarray() > 0
    fixed = {
        (bank.personas[persona], bank.applications[app])
        for persona, app in zip(*((shares >= 0.8) & ~listed).nonzero(), strict=True)
    }
    assert len(proposed & hidden) >= 0.9 * len(hidden)
    assert len(proposed & hidden) / len(proposed) > len(fixed & hidden) / len(fixed)


def test_access_that_another_persona_explains_takes_a_higher_likelihood() -> None:
    numbers = np.arange(3)
    scores = likely_rows.Scores(
        numbers,
        numbers,
        np.array([0.7, 0.7, 0.9]),
        np.zeros(3, dtype=bool),
        np.array([False, True, True]),
    )
    assert scores.likely().tolist() == [True, False, True]


def test_the_persona_called_like_the_application_explains_it() -> None:
    # The same two people are in both; only the name of the second is like the application's.
    people = [("1", "ledger-admins"), ("1", "ledger-index-admins")]
    bank = make_bank(
        members={*people, ("2", "ledger-admins"), ("2", "ledger-index-admins")},
        held={("1", "ledger-index"), ("2", "ledger-index")},
        privileged=set(),
        listed={("ledger-index-admins", "ledger-index")},
    )
    both = np.array([bank.personas.index(name) for _, name in people])
    found = likely_rows.of_another(bank, both, np.zeros(2, dtype=int), np.array([0.7, 1.0]))
    assert found.tolist() == [True, False]


def test_a_short_list_teaches_nothing() -> None:
    bank = make_bank(members={("1", "P")}, held={("1", "a")}, privileged=set(), listed={("P", "a")})
    with pytest.raises(ValueError, match="too few"):
        likely_rows.score(bank)
