"""Hold known people out and look them up among the others, as strangers will be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from persona_access.mapping.calibrate import COARSE, COMBINED, OBSERVED
from persona_access.mapping.evidence import Evidence, Pairs
from persona_access.mapping.keys import asked, first_known, kinds
from persona_access.mapping.observations import COST_CENTER, Bools, Ints, Observations, Texts

N_RANDOM_FOLDS = 10
N_CENTER_FOLDS = 5
NEWEST_JOINERS_SHARE = 1 / 6


@dataclass(frozen=True)
class LookUps:
    """Held-out people, looked up among the others. `row` counts among all people."""

    pairs: Pairs
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


def joiner_fold(people: Observations) -> Ints:
    """Put the newest joiners in fold 0; nobody where HR sends too few hire dates."""
    fold = np.full(len(people), -1, dtype=np.int64)
    known = ~np.isnan(people.hire_day)
    if known.mean() > 0.5:
        newest = np.quantile(people.hire_day[known], 1 - NEWEST_JOINERS_SHARE)
        fold[known & (people.hire_day > newest)] = 0
    return fold


def held_out(people: Observations, folds: Ints, simulated: Bools) -> LookUps:
    """Look up the people of each fold (-1: never held out) among those outside it."""
    queries, personas, features, rows, basis = [], [], [], [], []
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
        rows.append(held_out)
        basis.append(basis_of(evidence, rank, people.codes[held_out]))
        n_rows += len(held_out)
    if not rows:
        nothing = np.zeros(0, dtype=np.int64)
        return LookUps(Pairs(nothing, nothing, np.zeros((0, 0))), nothing, np.zeros(0, "<U8"))
    return LookUps(
        pairs=Pairs(np.concatenate(queries), np.concatenate(personas), np.concatenate(features)),
        row=np.concatenate(rows),
        basis=np.concatenate(basis),
    )
