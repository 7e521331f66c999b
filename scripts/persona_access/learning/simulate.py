"""Hold known people out and look them up among the others, as strangers will be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from persona_access.learning.calibrate import COARSE, COMBINED, OBSERVED
from persona_access.learning.evidence import Evidence, Pairs
from persona_access.learning.keys import asked, first_known, kinds
from persona_access.learning.observations import (
    COST_CENTER,
    Bools,
    Floats,
    Ints,
    Observations,
    Texts,
)

N_RANDOM_FOLDS = 10
N_CENTER_FOLDS = 5
NEWCOMERS_SHARE = 1 / 6


@dataclass(frozen=True)
class LookUps:
    """Held-out people, looked up among the others.

    `ceiling` is the most that may be claimed for each pair; `row` counts among all people.
    """

    pairs: Pairs
    ceiling: Floats
    row: Ints
    basis: Texts


def look_up(evidence: Evidence, codes: Ints) -> tuple[Ints, Ints]:
    """Find the kind of row that answers each query (-1: none) and reduce the query to it."""
    rank = first_known(evidence, codes)
    reduced = np.full_like(codes, -1)
    for position, kind in enumerate(kinds(evidence.attributes)):
        rows = rank == position
        if rows.any():
            reduced[rows] = asked(evidence, kind, codes[rows])
    return rank, reduced


def basis_of(evidence: Evidence, rank: Ints, codes: Ints) -> Texts:
    """Say what the answer of each query rests on."""
    basis = np.full(len(rank), COARSE, dtype="<U8")
    for position, kind in enumerate(kinds(evidence.attributes)):
        if COST_CENTER in kind:
            rows = rank == position
            is_observed = evidence.support(kind, codes[rows]) > 0
            basis[rows] = np.where(is_observed, OBSERVED, COMBINED)
    return basis


def ceiling_of(evidence: Evidence, rank: Ints, codes: Ints, persona: Ints) -> Floats:
    """Return the most that may be claimed for personas of queries answered at these ranks.

    An answer for cost centers never seen is only as good as the number of cost centers that bear
    it out, however many people work there: the share of those that agree, as if one and a
    quarter more had been seen of which one agrees. Four that all agree make 0.95.
    """
    ceiling = np.ones(len(rank))
    for position, kind in enumerate(kinds(evidence.attributes)):
        rows = rank == position
        if COST_CENTER not in kind and rows.any():
            n, agreeing = evidence.agreement(kind, codes[rows], persona[rows])
            ceiling[rows] = (agreeing + 1.0) / (n + 1.25)
    return ceiling


def fold_of(texts: Iterable[str], n_folds: int, salt: str) -> Ints:
    """Deal texts into folds by their hash: the same on every machine and in any order."""
    return np.array(
        [
            int(hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()[:12], 16) % n_folds
            for text in texts
        ],
        dtype=np.int64,
    )


def random_folds(people: Observations) -> Ints:
    """Deal people into folds."""
    return fold_of(people.brids, N_RANDOM_FOLDS, "person")


def center_folds(people: Observations) -> Ints:
    """Deal whole cost centers into folds; people without one are never held out (-1)."""
    names = people.values[people.attributes.index(COST_CENTER)]
    by_center = np.append(fold_of(names, N_CENTER_FOLDS, "cost center"), -1)
    return by_center[people.column(COST_CENTER)]


def newcomer_fold(people: Observations) -> Ints:
    """Put the newcomers, the last to arrive, in fold 0; everybody else is never held out (-1).

    Who (or whose attributes) the first extract does not have arrived when first seen; the others
    when hired. Nobody is a newcomer where HR sends neither several weeks nor hire dates.
    """
    is_seen_later = people.first_day > people.first_day.min()
    arrival = np.where(is_seen_later, people.first_day, people.hire_day)
    arrival = np.where(np.isnan(arrival), -np.inf, arrival)
    latest = np.sort(arrival)[-max(1, int(len(people) * NEWCOMERS_SHARE))]
    return np.where((arrival >= latest) & (arrival > -np.inf), 0, -1).astype(np.int64)


def held_out(people: Observations, folds: Ints, simulated: Bools) -> LookUps:
    """Look up the people of each fold (-1: never held out) among those outside it."""
    queries, personas, features, ceilings, rows, basis = [], [], [], [], [], []
    n_rows = 0
    for fold in np.unique(folds[folds >= 0]):
        evidence = Evidence(people.only(folds != fold))
        held_out = np.flatnonzero((folds == fold) & simulated)
        rank, reduced = look_up(evidence, people.codes[held_out])
        answered = rank >= 0
        held_out, rank, reduced = held_out[answered], rank[answered], reduced[answered]
        if not len(held_out):
            continue
        pairs = evidence.pairs(reduced)
        queries.append(pairs.query + n_rows)
        personas.append(pairs.persona)
        features.append(pairs.features)
        strangers = people.codes[held_out]
        ceilings.append(
            ceiling_of(evidence, rank[pairs.query], strangers[pairs.query], pairs.persona)
        )
        rows.append(held_out)
        basis.append(basis_of(evidence, rank, strangers))
        n_rows += len(held_out)
    if not rows:
        nothing = np.zeros(0, dtype=np.int64)
        no_pairs = Pairs(nothing, nothing, np.zeros((0, 0)))
        return LookUps(no_pairs, np.zeros(0), nothing, np.zeros(0, "<U8"))
    return LookUps(
        pairs=Pairs(np.concatenate(queries), np.concatenate(personas), np.concatenate(features)),
        ceiling=np.concatenate(ceilings),
        row=np.concatenate(rows),
        basis=np.concatenate(basis),
    )
