"""What the known people under each key say about a combination of attributes.

A key is a set of attributes; counts are kept for every key of up to three attributes and for the
full one. The probability of a persona under a key is smoothed towards the keys one attribute
coarser (Jelinek-Mercer with as much weight to the parents as there are distinct personas):

    p_k = (n_kc + d_k * mean of p over the parents) / (n_k + d_k)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse

from persona_access.learning.observations import (
    COST_CENTER,
    COST_CENTER_PREFIX,
    Bools,
    Floats,
    Ints,
    Observations,
    entries,
)

Key = tuple[str, ...]
MAX_KEY_ATTRIBUTES = 3
N_CANDIDATES = 6
# The feature that holds the logarithm of the finest key's smoothed share.
SMOOTHED_SHARE = 0
_CHUNK = 512
_FLOOR = 1e-6


@dataclass(frozen=True)
class Pairs:
    """Candidate personas of queries: pair i says persona[i] may be held by query[i]."""

    query: Ints
    persona: Ints
    features: Floats


@dataclass(frozen=True)
class _Counts:
    packed: Ints
    n: Floats
    distinct: Floats
    by_persona: sparse.csr_array


class Evidence:
    """Counts of personas under every key of the people it is made from."""

    def __init__(self, people: Observations) -> None:
        self._people = people
        self.attributes = people.attributes
        self.n_personas = len(people.personas)
        self.sizes = [len(values) + 1 for values in people.values]
        self.keys = evidence_keys(people.attributes)
        self._counts = {key: self._count(key, people) for key in self.keys}
        self._usual = {name: self._usual_of(name, people) for name in people.attributes}
        self._base = (people.held.sum(axis=0) + 1.0 / self.n_personas) / (len(people) + 1.0)

    def rows(self, key: Key, codes: Ints) -> Ints:
        """Find queries among the values of a key; the last row + 1 stands for never seen."""
        packed = self.pack(key, codes)
        known = self._counts[key].packed
        position = np.searchsorted(known, packed)
        clipped = np.minimum(position, max(len(known) - 1, 0))
        found = (known[clipped] == packed) & (packed >= 0) if len(known) else packed < -1
        return np.where(found, clipped, len(known))

    def support(self, key: Key, codes: Ints) -> Ints:
        """Count the known people under the key of each query."""
        return self._counts[key].n[self.rows(key, codes)].astype(np.int64)

    def hits(self, key: Key, codes: Ints, persona: Ints) -> Ints:
        """Count those of them who hold the persona."""
        rows = self.rows(key, codes)
        return entries(self._counts[key].by_persona, rows, persona).astype(np.int64)

    def counts(self, key: Key, codes: Ints) -> tuple[Floats, Floats]:
        """Count the holders of each persona under the key of each query, and all people there."""
        rows = self.rows(key, codes)
        counts = self._counts[key]
        return counts.by_persona[rows].toarray(), counts.n[rows]

    def agreement(self, key: Key, codes: Ints, persona: Ints) -> tuple[Floats, Floats]:
        """Count the cost centers with people under each key, and those of them that agree.

        A cost center agrees when at least half of its people under the key hold the persona.
        """
        under = self.rows(key, self._people.codes)
        n_keys = len(self._counts[key].packed)
        center = self._people.column(COST_CENTER) + 1
        n_centers = center.max(initial=0) + 1
        cell_id = np.where(under < n_keys, under * n_centers + center, -1)
        cells, position = np.unique(cell_id, return_inverse=True)
        member = sparse.csr_array(
            (np.ones(len(position)), (position, np.arange(len(position)))),
            shape=(len(cells), len(position)),
        )
        holders = sparse.coo_array(member @ self._people.held)
        people = np.bincount(position, minlength=len(cells))
        agrees = holders.data * 2 >= people[holders.row]
        cell_key = np.where(cells < 0, n_keys, cells // n_centers)
        agreeing = sparse.csr_array(
            (agrees.astype(np.float64), (cell_key[holders.row], holders.col)),
            shape=(n_keys + 1, self.n_personas),
        )
        rows = self.rows(key, codes)
        n_cells = np.bincount(cell_key, minlength=n_keys + 1)
        n_cells[n_keys] = 0
        return n_cells[rows].astype(np.float64), np.where(
            rows < n_keys, entries(agreeing, rows, persona), 0.0
        )

    def implied(self, attribute: str, codes: Ints, min_share: float) -> Ints:
        """Return what most people of each query's cost center have, -1 below the share."""
        centers, values, shares = self._usual[attribute]
        rows = self.rows((COST_CENTER,), codes)
        known = np.append(np.where(shares >= min_share, values, -1), -1)
        return known[np.minimum(rows, len(centers))]

    def values_of(self, key: Key) -> Ints:
        """List the values seen under a key as queries; other attributes are -1."""
        packed = self._counts[key].packed.copy()
        codes = np.full((len(packed), len(self.attributes)), -1, dtype=np.int64)
        for name in reversed(key):
            position = self.attributes.index(name)
            packed, codes[:, position] = np.divmod(packed, self.sizes[position])
        return codes

    def pairs(self, codes: Ints) -> Pairs:
        """Choose candidate personas for each query and describe them.

        Where a query leaves an attribute empty (-1), the counts of its keys are -1.
        """
        parts = list(self._chunks(codes))
        return Pairs(
            query=np.concatenate([part.query for part in parts]),
            persona=np.concatenate([part.persona for part in parts]),
            features=np.concatenate([part.features for part in parts]),
        )

    def _chunks(self, codes: Ints) -> Iterator[Pairs]:
        for start in range(0, max(len(codes), 1), _CHUNK):
            chunk = codes[start : start + _CHUNK]
            pairs = self._chunk_pairs(chunk)
            yield Pairs(pairs.query + start, pairs.persona, pairs.features)

    def _chunk_pairs(self, codes: Ints) -> Pairs:
        smoothed = self._smoothed(codes)
        finest = _finest(smoothed, len(codes), self.n_personas)
        product = self._product(smoothed)
        query, persona = np.nonzero(_top(finest, N_CANDIDATES) | _top(product, N_CANDIDATES))
        columns = [
            np.log(finest[query, persona] + _FLOOR),
            np.log(product[query, persona] + _FLOOR),
            finest[query, persona] / finest.max(axis=1)[query],
            product[query, persona] / product.max(axis=1)[query],
        ]
        for key in self.keys:
            if not key:
                continue
            rows = self.rows(key, codes)
            is_asked = self._is_asked(key, codes)[query]
            counts = self._counts[key]
            held = entries(counts.by_persona, rows[query], persona)
            columns += [
                np.log(smoothed[key][query, persona] + _FLOOR),
                np.where(is_asked, counts.n[rows][query], -1.0),
                np.where(is_asked, held, -1.0),
            ]
        return Pairs(query, persona, np.round(np.column_stack(columns), 6))

    def _smoothed(self, codes: Ints) -> dict[Key, Floats]:
        smoothed: dict[Key, Floats] = {(): np.tile(self._base, (len(codes), 1))}
        for key in self.keys:
            if not key:
                continue
            counts = self._counts[key]
            rows = self.rows(key, codes)
            parents = [smoothed[parent] for parent in _parents(key, self.attributes)]
            prior = sum(parents[1:], start=parents[0]) / len(parents)
            held = counts.by_persona[rows].toarray()
            n, distinct = counts.n[rows][:, None], counts.distinct[rows][:, None]
            smoothed[key] = np.where(
                n > 0, (held + distinct * prior) / np.maximum(n + distinct, 1.0), prior
            )
        return smoothed

    def _product(self, smoothed: dict[Key, Floats]) -> Floats:
        """Combine the attributes as if they were independent given the persona (naive Bayes)."""
        singles = [key for key in self.keys if len(key) == 1 and key != (COST_CENTER_PREFIX,)]
        base = np.log(smoothed[()] + _FLOOR)
        log = base + sum(np.log(smoothed[key] + _FLOOR) - base for key in singles)
        log -= log.max(axis=1, keepdims=True)
        product = np.exp(log)
        return np.asarray(product / product.sum(axis=1, keepdims=True))

    def _is_asked(self, key: Key, codes: Ints) -> Bools:
        positions = [self.attributes.index(name) for name in key]
        return np.asarray((codes[:, positions] >= 0).all(axis=1))

    def _count(self, key: Key, people: Observations) -> _Counts:
        packed = self.pack(key, people.codes)
        known, position = np.unique(packed[packed >= 0], return_inverse=True)
        members = np.flatnonzero(packed >= 0)
        under = sparse.csr_array(
            (np.ones(len(members)), (position, members)), shape=(len(known) + 1, len(people))
        )
        by_persona = sparse.csr_array(under @ people.held)
        return _Counts(
            packed=known,
            n=np.asarray(under.sum(axis=1), dtype=np.float64).ravel(),
            distinct=np.diff(by_persona.indptr).astype(np.float64),
            by_persona=by_persona,
        )

    def _usual_of(self, attribute: str, people: Observations) -> tuple[Ints, Ints, Floats]:
        """Find the commonest value of an attribute in each cost center, and its share."""
        rows = self.rows((COST_CENTER,), people.codes)
        n_centers = len(self._counts[(COST_CENTER,)].packed)
        values = people.column(attribute)
        is_known = (rows < n_centers) & (values >= 0)
        counts = sparse.csr_array(
            (np.ones(is_known.sum()), (rows[is_known], values[is_known])),
            shape=(n_centers, self.sizes[self.attributes.index(attribute)]),
        )
        commonest = np.asarray(counts.argmax(axis=1)).ravel() if n_centers else np.zeros(0, int)
        people_there = np.bincount(rows[rows < n_centers], minlength=n_centers)
        most = np.asarray(counts.max(axis=1).toarray()).ravel() if n_centers else np.zeros(0)
        return np.arange(n_centers), commonest, most / np.maximum(people_there, 1)

    def pack(self, key: Key, codes: Ints) -> Ints:
        """Write the values of a key as one number; -1 where one of them is empty."""
        packed = np.zeros(len(codes), dtype=np.int64)
        is_empty = np.zeros(len(codes), dtype=np.bool_)
        for name in key:
            position = self.attributes.index(name)
            packed = packed * self.sizes[position] + codes[:, position]
            is_empty |= codes[:, position] < 0
        return np.where(is_empty, -1, packed)


def full_key(attributes: tuple[str, ...]) -> Key:
    """Return the key of all attributes; the prefix adds nothing to the cost center."""
    return tuple(name for name in attributes if name != COST_CENTER_PREFIX)


def evidence_keys(attributes: tuple[str, ...]) -> list[Key]:
    """List the keys to count under, each after its parents."""
    keys: list[Key] = [
        key
        for size in range(MAX_KEY_ATTRIBUTES + 1)
        for key in combinations(attributes, size)
        if not {COST_CENTER, COST_CENTER_PREFIX} <= set(key)
    ]
    full = full_key(attributes)
    keys = keys if full in keys else [*keys, full]
    return sorted(keys, key=lambda key: (len(key), COST_CENTER in key))


def _parents(key: Key, attributes: tuple[str, ...]) -> list[Key]:
    """List the keys one step coarser: an attribute less, or the prefix for the cost center."""
    if len(key) > MAX_KEY_ATTRIBUTES:
        return list(combinations(key, MAX_KEY_ATTRIBUTES))
    parents: list[Key] = [tuple(other for other in key if other != name) for name in key]
    if COST_CENTER in key and COST_CENTER_PREFIX in attributes:
        with_prefix = {COST_CENTER_PREFIX if name == COST_CENTER else name for name in key}
        parents.append(tuple(name for name in attributes if name in with_prefix))
    return parents


def _finest(smoothed: dict[Key, Floats], n_queries: int, n_personas: int) -> Floats:
    """Return the finest key's probabilities; unseen values have fallen back to the parents'."""
    finest = max(smoothed, key=len)
    return smoothed[finest].reshape(n_queries, n_personas)


def _top(probabilities: Floats, n: int) -> Bools:
    n = min(n, probabilities.shape[1])
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :n]
    chosen = np.zeros(probabilities.shape, dtype=np.bool_)
    chosen[np.arange(len(probabilities))[:, None], order] = True
    return chosen
