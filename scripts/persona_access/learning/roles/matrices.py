"""Memberships, access and persona lists as sparse matrices of zeros and ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

Pair = tuple[str, str]
# Person, application, and the kind of the grant: what it allows, according to the registry.
Grant = tuple[str, str, str]
# The most frequent kinds of grants are distinguished; all others count as one.
_MOST_KINDS = 15


@dataclass(frozen=True)
class Bank:
    """People, personas and applications; the matrices follow the order of the names.

    `members` is people x personas, `held` is people x applications, `listed` is personas x
    applications. `grants` counts the grants of people x (application, kind): those of application
    `a` are in the `n_kinds` columns from `a * n_kinds` on. `persona_texts` and `application_texts`
    are ids with names.
    """

    people: Sequence[str]
    personas: Sequence[str]
    applications: Sequence[str]
    members: sparse.csr_array
    held: sparse.csr_array
    grants: sparse.csr_array
    n_kinds: int
    listed: sparse.csr_array
    persona_texts: Sequence[str]
    application_texts: Sequence[str]


def make_bank(
    *,
    members: Iterable[Pair],
    grants: Iterable[Grant],
    listed: Iterable[Pair],
    persona_names: dict[str, str] | None = None,
    application_names: dict[str, str] | None = None,
) -> Bank:
    """Make the matrices of memberships, grants (as often as they were delivered), listed rows."""
    memberships, access, rows = set(members), Counter(grants), set(listed)
    people = sorted({person for person, _ in memberships} | {person for person, _, _ in access})
    personas = sorted({persona for _, persona in memberships} | {persona for persona, _ in rows})
    applications = sorted({app for _, app, _ in access} | {app for _, app in rows})
    named = persona_names or {}
    called = application_names or {}
    kinds = [kind for kind, _ in Counter(kind for _, _, kind in access).most_common(_MOST_KINDS)]
    number_of = {kind: number for number, kind in enumerate(kinds)}
    n_kinds = len(kinds) + 1
    place_of = {app: number * n_kinds for number, app in enumerate(applications)}
    person_of = {person: number for number, person in enumerate(people)}
    return Bank(
        people=people,
        personas=personas,
        applications=applications,
        members=matrix(memberships, people, personas),
        held=matrix({(person, app) for person, app, _ in access}, people, applications),
        grants=sparse.csr_array(
            (
                np.fromiter(access.values(), dtype=float, count=len(access)),
                (
                    [person_of[person] for person, _, _ in access],
                    [place_of[app] + number_of.get(kind, len(kinds)) for _, app, kind in access],
                ),
            ),
            shape=(len(people), len(applications) * n_kinds),
        ),
        n_kinds=n_kinds,
        listed=matrix(rows, personas, applications),
        persona_texts=[f"{persona} {named.get(persona) or ''}" for persona in personas],
        application_texts=[f"{app} {called.get(app) or ''}" for app in applications],
    )


def matrix(pairs: Iterable[Pair], rows: Sequence[str], columns: Sequence[str]) -> sparse.csr_array:
    """Make a matrix with a one for each pair of names; pairs may repeat."""
    row_of = {name: number for number, name in enumerate(rows)}
    column_of = {name: number for number, name in enumerate(columns)}
    cells = sorted({(row_of[row], column_of[column]) for row, column in pairs})
    places = np.array(cells, dtype=np.int64).reshape(-1, 2)
    return sparse.csr_array(
        (np.ones(len(cells)), (places[:, 0], places[:, 1])), shape=(len(rows), len(columns))
    )
