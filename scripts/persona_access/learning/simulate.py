"""Hold known people out and look them up among the others, as unknown people will be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from persona_access.learning.evidence import Evidence, Ladder, Pairs
from persona_access.learning.groups import group_of
from persona_access.learning.keys import asked, first_known
from persona_access.learning.newcomers import newcomer_fold
from persona_access.learning.observations import (
    COST_CENTER,
    MANAGER,
    Bools,
    Ints,
    Observations,
)

# Fewer folds leave fewer people to count from, which matters less with more people.
_FOLDS = ((10_000, 10), (40_000, 5))
_FEWEST_FOLDS = 3
_UNSEEN_FOLDS = ((40_000, 5),)


@dataclass(frozen=True)
class LookUps:
    """Held-out people, looked up among the others.

    `row` counts among all people; `group` is the group of the answer; `witness` is the cost center
    or manager whose people are right or wrong together.
    """

    pairs: Pairs
    row: Ints
    group: Ints
    witness: Ints

    def queries(self, chosen: Bools) -> LookUps:
        """Return some of the people held out."""
        number = np.cumsum(chosen) - 1
        kept = chosen[self.pairs.query]
        pairs = Pairs(
            number[self.pairs.query[kept]], self.pairs.persona[kept], self.pairs.features[kept]
        )
        return LookUps(pairs, self.row[chosen], self.group[chosen], self.witness[chosen])


def look_up(evidence: Evidence, codes: Ints) -> tuple[Ints, Ints]:
    """Find the kind of row that answers each query (-1: none) and reduce the query to it."""
    rank = first_known(evidence, codes)
    reduced = np.full_like(codes, -1)
    for position, kind in enumerate(evidence.ladder.kinds):
        rows = rank == position
        if rows.any():
            reduced[rows] = asked(evidence, kind, codes[rows])
    return rank, reduced


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
    return fold_of(people.brids, _n_folds(people, _FOLDS), "person")


def _n_folds(people: Observations, by_size: Sequence[tuple[int, int]]) -> int:
    return next((n for most, n in by_size if len(people) < most), _FEWEST_FOLDS)


def folds_by(people: Observations, attribute: str) -> Ints:
    """Deal whole values into folds; people without one are never held out (-1)."""
    if attribute not in people.attributes:
        return np.full(len(people), -1, dtype=np.int64)
    names = people.values[people.attributes.index(attribute)]
    n_folds = _n_folds(people, _UNSEEN_FOLDS)
    by_value = np.append(fold_of(names, n_folds, attribute.replace("_", " ")), -1)
    return by_value[people.column(attribute)]


def held_out(
    people: Observations,
    ladder: Ladder,
    folds: Ints,
    simulated: Bools,
    *,
    witness: str = "",
) -> LookUps | None:
    """Look up the people of each fold (-1: never held out) among those outside it; None for nobody.

    Each is looked up twice: by all attributes, like a person in the headcount of a training, and by
    the first kind of key that a known person has, like a person who joins later.
    """
    parts: list[LookUps] = []
    witnesses = np.arange(len(people), dtype=np.int64)
    if witness in people.attributes:
        witnesses = people.column(witness)
    for fold in np.unique(folds[folds >= 0]):
        others = folds != fold
        rows = np.flatnonzero(~others & simulated)
        if not len(rows) or not others.any():
            continue
        evidence = Evidence(people.only(others), ladder)
        parts += [
            LookUps(evidence.pairs(queries), rows[chosen], group, witnesses[rows[chosen]])
            for queries, chosen, group in _asked_twice(evidence, people.codes[rows])
            if len(queries)
        ]
    return joined(parts) if parts else None


def _asked_twice(evidence: Evidence, codes: Ints) -> Iterator[tuple[Ints, Bools, Ints]]:
    everybody = np.ones(len(codes), dtype=np.bool_)
    yield codes, everybody, group_of(evidence, codes, is_profile=True)
    rank, reduced = look_up(evidence, codes)
    answered = rank >= evidence.ladder.n_profiles
    yield (
        reduced[answered],
        answered,
        group_of(evidence, reduced[answered], is_profile=False),
    )


def joined(parts: Sequence[LookUps]) -> LookUps:
    """Concatenate look-ups."""
    starts = np.cumsum([0, *(len(part.row) for part in parts)])
    return LookUps(
        pairs=Pairs(
            np.concatenate([p.pairs.query + at for p, at in zip(parts, starts, strict=False)]),
            np.concatenate([part.pairs.persona for part in parts]),
            np.concatenate([part.pairs.features for part in parts]),
        ),
        row=np.concatenate([part.row for part in parts]),
        group=np.concatenate([part.group for part in parts]),
        witness=np.concatenate([part.witness for part in parts]),
    )


def ways(people: Observations, ladder: Ladder, most: int) -> dict[str, LookUps]:
    """Hold people out in each way that the data allow, up to a limit of people for each way."""
    folds = {
        "random": (random_folds(people), ""),
        "cost centers": (folds_by(people, COST_CENTER), COST_CENTER),
        "managers": (folds_by(people, MANAGER), MANAGER),
        "newcomers": (newcomer_fold(people), ""),
    }
    place = fold_of(people.brids, 1_000_000, "sample") / 1_000_000
    found = {}
    for name, (fold, witness) in folds.items():
        n = max(int((fold >= 0).sum()), 1)
        part = held_out(people, ladder, fold, place < most / n, witness=witness)
        if part is not None:
            found[name] = part
    return found
