"""Invent matrices of access with planted roles, for tests and measurements."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """Pairs of person and application, and the roles that generated them."""

    name: str
    pairs: list[tuple[int, int]]
    n_roles: int


def planted_matrix(
    *,
    people: int,
    applications: int,
    roles: int,
    role_size: int,
    roles_a_person: int,
    noise: float = 0.0,
    seed: int = 7,
    name: str = "planted",
) -> Planted:
    """Give each person some of the roles, then change a share of the access rows.

    Half of the noise removes access; half adds access that no role of the person has.
    """
    draws = random.Random(seed)  # noqa: S311 - repeatable, no secret
    bundles = [
        frozenset(draws.sample(range(applications), draws.randint(2, 2 * role_size - 2)))
        for _ in range(roles)
    ]
    held: set[tuple[int, int]] = set()
    used: set[int] = set()
    for person in range(people):
        for role in draws.sample(range(roles), draws.randint(1, roles_a_person)):
            used.add(role)
            held.update((person, application) for application in bundles[role])
    flips = int(noise * len(held) / 2)
    for pair in draws.sample(sorted(held), flips):
        held.discard(pair)
    for _ in range(flips):
        held.add((draws.randrange(people), draws.randrange(applications)))
    return Planted(name, sorted(held), len(used))


# Sizes, densities and numbers of roles are like those of published role-mining matrices; the
# content is invented.
SHAPES = (
    {
        "name": "like healthcare",
        "people": 46,
        "applications": 46,
        "roles": 14,
        "role_size": 8,
        "roles_a_person": 4,
    },
    {
        "name": "like domino",
        "people": 79,
        "applications": 231,
        "roles": 20,
        "role_size": 12,
        "roles_a_person": 2,
    },
    {
        "name": "like emea",
        "people": 35,
        "applications": 3046,
        "roles": 34,
        "role_size": 110,
        "roles_a_person": 2,
    },
    {
        "name": "like firewall 1",
        "people": 365,
        "applications": 709,
        "roles": 64,
        "role_size": 20,
        "roles_a_person": 4,
    },
    {
        "name": "like firewall 2",
        "people": 325,
        "applications": 590,
        "roles": 10,
        "role_size": 80,
        "roles_a_person": 3,
    },
    {
        "name": "like apj",
        "people": 2044,
        "applications": 1164,
        "roles": 453,
        "role_size": 4,
        "roles_a_person": 2,
    },
    {
        "name": "like americas small",
        "people": 3477,
        "applications": 1587,
        "roles": 180,
        "role_size": 16,
        "roles_a_person": 3,
    },
)
