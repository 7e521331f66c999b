"""Memberships, access and persona lists as sparse matrices of zeros and ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

Pair = tuple[str, str]


@dataclass(frozen=True)
class Bank:
    """People, personas and applications; the matrices follow the order of the names.

    `members` is people x personas, `held` and `privileged` are people x applications, `listed` is
    personas x applications. `persona_texts` and `application_texts` are ids with names.
    """

    people: Sequence[str]
    personas: Sequence[str]
    applications: Sequence[str]
    members: sparse.csr_array
    held: sparse.csr_array
    privileged: sparse.csr_array
    listed: sparse.csr_array
    persona_texts: Sequence[str]
    application_texts: Sequence[str]


def make_bank(
    *,
    members: Iterable[Pair],
    held: Iterable[Pair],
    privileged: Iterable[Pair],
    listed: Iterable[Pair],
    persona_names: dict[str, str] | None = None,
    application_names: dict[str, str] | None = None,
) -> Bank:
    """Make the matrices of pairs: person x persona, person x application, persona x application."""
    memberships, access, rows = set(members), set(held), set(listed)
    people = sorted({person for person, _ in memberships | access})
    personas = sorted({persona for _, persona in memberships} | {persona for persona, _ in rows})
    applications = sorted({app for _, app in access} | {app for _, app in rows})
    named = persona_names or {}
    called = application_names or {}
    return Bank(
        people=people,
        personas=personas,
        applications=applications,
        members=matrix(memberships, people, personas),
        held=matrix(access, people, applications),
        privileged=matrix(set(privileged) & access, people, applications),
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
