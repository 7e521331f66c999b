"""Finding roles in planted matrices, and hidden rows of a persona list."""

from __future__ import annotations

import random
from typing import Any

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
    grants = [(person, app, "") for person, app in held]
    bank = make_bank(members=members, grants=grants, listed=rows - hidden)
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


def test_a_second_grant_that_no_persona_explains_shows_what_is_missing() -> None:
    """Everybody in a team is also in its admins; each membership gives a grant of its own kind."""
    teams = [f"team-{number:02}" for number in range(90)]
    personas = {team: (f"{team} members", f"{team} admins") for team in teams}
    people = [(f"{team}-{n}", team) for team in teams for n in range(4)]
    kinds = ("read", "admin")
    rows = [(persona, team) for team in teams for persona in personas[team]]
    # Of half of the teams the admins get no grant: holders alone cannot show which half.
    rows = [row for row in rows if "members" in row[0] or int(row[1][5:]) % 2]
    hidden = {(f"team-{number:02} admins", f"team-{number:02}") for number in range(1, 90, 10)}
    bank = make_bank(
        members={(person, persona) for person, team in people for persona in personas[team]},
        grants=[
            (person, team, kind)
            for person, team in people
            for persona, kind in zip(personas[team], kinds, strict=True)
            if (persona, team) in rows
        ],
        listed=set(rows) - hidden,
    )
    scores = likely_rows.score(bank)
    proposed = {
        (bank.personas[persona], bank.applications[app])
        for persona, app, is_likely, is_listed in zip(
            scores.persona, scores.application, scores.likely(), scores.is_listed, strict=True
        )
        if is_likely and not is_listed
    }
    assert proposed == hidden


def test_a_short_list_teaches_nothing() -> None:
    bank = make_bank(members={("1", "P")}, grants=[("1", "a", "")], listed={("P", "a")})
    with pytest.raises(ValueError, match="too few"):
        likely_rows.score(bank)
