"""Smoothed shares of personas among people with the same attributes.

A key is a set of attributes; a value of it is a combination of their values. The share of persona c
among the people of a value k is smoothed towards its parents, the keys with one attribute less:

    p_kc = (n_kc + d_k * q_kc) / (n_k + d_k)

Of n_k people, n_kc have the persona, and d_k is the number of distinct personas. q_kc is the mean
of the parents' shares, weighted by their reliability: n / (n + d), or that of their own parents if
it is larger. A title that nobody has held yet is smoothed towards titles with the same meaning and
towards the words that it shares with others; a manager, towards the manager's own persona and the
managers above.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse

from persona_access.learning.observations import (
    COST_CENTER,
    COST_CENTER_PREFIX,
    JOB_TITLE,
    MANAGEMENT_LEVEL,
    MANAGER,
    MANAGER_ABOVE,
    MANAGER_OVER,
    MANAGER_PERSONA,
    USUAL_TITLE,
    Bools,
    Floats,
    Ints,
    Observations,
)
from persona_access.learning.titles import usual_wordings

Key = tuple[str, ...]
N_CANDIDATES = 6
# The feature that holds the logarithm of the finest key's smoothed share.
SMOOTHED_SHARE = 0
_N_TOP = 6
_CHUNK = 4096
_FLOOR = 1e-6
_LEAST_WEIGHT = 1e-3
_WORD_START = 4
_MOST_TOGETHER = 3
_MOST_FOR_ALL_TRIPLES = 6
_TELLING = {COST_CENTER, JOB_TITLE}
# Attributes that a person's manager implies.
_OF_MANAGER = (MANAGER_ABOVE, MANAGER_PERSONA, MANAGER_OVER)
_BESIDE_MANAGER = (JOB_TITLE, MANAGEMENT_LEVEL)


@dataclass(frozen=True)
class Pairs:
    """Candidate personas of queries: persona[i] is a candidate for query[i]."""

    query: Ints
    persona: Ints
    features: Floats


@dataclass(frozen=True)
class Ladder:
    """The keys of rows, most specific first; the first `n_profiles` are profiles."""

    kinds: tuple[Key, ...]
    n_profiles: int


@dataclass(frozen=True)
class _Counts:
    """The number of people for each value of a key (`packed`, sorted), and for each persona.

    `cell` is row * n_personas + persona, sorted; `top` are the most common personas, -1 for none.
    The last row is for values that nobody has.
    """

    packed: Ints
    n: Floats
    distinct: Floats
    cell: Ints
    held: Floats
    top: Ints


class Evidence:
    """Counts of the personas of known people, for every key."""

    def __init__(self, people: Observations, ladder: Ladder) -> None:
        """Count under the keys that describe people, and under each kind of row."""
        self.attributes = people.attributes
        self.n_personas = len(people.personas)
        self.prefixes = people.prefixes
        self._implied = _implied(people)
        extended = (*self.attributes, *self._implied)
        self._columns = {name: position for position, name in enumerate(extended)}
        self.sizes = [len(values) + 1 for values in people.values]
        self.sizes += [int(values.max(initial=-1)) + 2 for _, values in self._implied.values()]
        self.ladder = ladder
        self.keys = evidence_keys(self.attributes, ladder.kinds)
        codes = self._extended(people.codes)
        rows, personas = people.held.nonzero()
        self._counts = {
            key: self._count(self.pack(key, codes), people.weight, rows, personas)
            for key in {*self.keys, *self.ladder.kinds}
        }
        base = np.bincount(personas, weights=people.weight[rows], minlength=self.n_personas)
        self._base = (base + 1.0 / self.n_personas) / (people.weight.sum() + 1.0)
        self._usual_personas = np.argsort(-base, kind="stable")[:_N_TOP]
        self._words = {
            name: self._word_shares(people, name)
            for name in (JOB_TITLE, COST_CENTER)
            if name in self.attributes
        }

    def support(self, key: Key, codes: Ints) -> Ints:
        """Count the known people under the key of each query."""
        rows = self._rows(key, self._extended(codes))
        return np.round(self._counts[key].n[rows]).astype(np.int64)

    def hits(self, key: Key, codes: Ints, persona: Ints) -> Ints:
        """Count those of them who hold the persona."""
        rows = self._rows(key, self._extended(codes))
        return np.round(self._held(self._counts[key], rows, persona)).astype(np.int64)

    def values_of(self, key: Key) -> Ints:
        """List the values seen under a key as queries; other attributes are -1."""
        packed = self._counts[key].packed.copy()
        codes = np.full((len(packed), len(self.attributes)), -1, dtype=np.int64)
        for name in reversed(key):
            position = self._columns[name]
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

    def pack(self, key: Key, codes: Ints) -> Ints:
        """Write the values of a key as one number; -1 where one of them is empty."""
        packed = np.zeros(len(codes), dtype=np.int64)
        is_empty = np.zeros(len(codes), dtype=np.bool_)
        for name in key:
            position = self._columns[name]
            packed = packed * self.sizes[position] + codes[:, position]
            is_empty |= codes[:, position] < 0
        return np.where(is_empty, -1, packed)

    def _extended(self, codes: Ints) -> Ints:
        """Add what the manager and the job title imply."""
        return np.column_stack(
            [
                codes,
                *(
                    np.append(values, -1)[codes[:, self._columns[name]]]
                    for name, values in self._implied.values()
                ),
            ]
        )

    def _rows(self, key: Key, extended: Ints) -> Ints:
        """Return the row of each query in a key's counts; the last row if nobody has its value."""
        known = self._counts[key].packed
        if not len(known):
            return np.zeros(len(extended), dtype=np.int64)
        packed = self.pack(key, extended)
        place = np.minimum(np.searchsorted(known, packed), len(known) - 1)
        return np.where((known[place] == packed) & (packed >= 0), place, len(known))

    def _held(self, counts: _Counts, rows: Ints, persona: Ints) -> Floats:
        if not len(counts.cell):
            return np.zeros(len(rows))
        wanted = rows * self.n_personas + persona
        place = np.minimum(np.searchsorted(counts.cell, wanted), len(counts.cell) - 1)
        return np.where(counts.cell[place] == wanted, counts.held[place], 0.0)

    def _chunks(self, codes: Ints) -> Iterator[Pairs]:
        for start in range(0, max(len(codes), 1), _CHUNK):
            chunk = codes[start : start + _CHUNK]
            pairs = self._chunk_pairs(chunk)
            yield Pairs(pairs.query + start, pairs.persona, pairs.features)

    def _chunk_pairs(self, codes: Ints) -> Pairs:
        extended = self._extended(codes)
        rows = {key: self._rows(key, extended) for key in self.keys}
        query, persona = self._candidates(rows, codes)
        share = self._smoothed(rows, codes, query, persona)
        finest = share[max(self.keys, key=len)]
        product = self._product(share, query, len(codes))
        kept = _is_top(finest, query) | _is_top(product, query)
        columns = [
            np.log(finest + _FLOOR),
            np.log(product + _FLOOR),
            finest / np.maximum(_best_of(finest, query, len(codes)), _FLOOR),
            product / np.maximum(_best_of(product, query, len(codes)), _FLOOR),
        ]
        for key in self.keys:
            if not key:
                continue
            is_asked = (extended[:, [self._columns[name] for name in key]] >= 0).all(axis=1)
            n = np.where(is_asked, self._counts[key].n[rows[key]], -1.0)
            columns += [np.log(share[key] + _FLOOR), n[query]]
        columns += [np.log(share[_words_key(name)] + _FLOOR) for name in self._words]
        features = np.column_stack(columns)[kept].astype(np.float32)
        return Pairs(query[kept], persona[kept], np.round(features, 4))

    def _candidates(self, rows: dict[Key, Ints], codes: Ints) -> tuple[Ints, Ints]:
        """List the personas that are common under any key of each query."""
        n = len(codes)
        found = [np.tile(self._usual_personas, (n, 1))]
        found += [self._counts[key].top[rows[key]] for key in self.keys if key]
        found += [words.top[codes[:, self._columns[name]]] for name, words in self._words.items()]
        personas = np.concatenate(found, axis=1)
        pair = np.arange(n)[:, None] * (self.n_personas + 1) + personas + 1
        pair = np.unique(pair[personas >= 0])
        query, persona = np.divmod(pair, self.n_personas + 1)
        return query, persona - 1

    def _smoothed(
        self, rows: dict[Key, Ints], codes: Ints, query: Ints, persona: Ints
    ) -> dict[Key, Floats]:
        share: dict[Key, Floats] = {(): self._base[persona]}
        known: dict[Key, Floats] = {(): np.zeros(len(codes))}
        for name, words in self._words.items():
            value = codes[:, self._columns[name]]
            if name == COST_CENTER:
                # The people of a known cost center are better evidence than its name.
                is_seen = self._counts[(name,)].n[rows[(name,)]] > 0
                value = np.where(is_seen, -1, value)
            known[_words_key(name)] = np.where(value >= 0, words.n[value], 0.0)
            rest = 1.0 - words.n[value][query]
            shared = self._held(words, value[query], persona)
            share[_words_key(name)] = np.where(
                value[query] >= 0, shared + rest * share[()], share[()]
            )
        for key in self.keys:
            if not key:
                continue
            counts = self._counts[key]
            parents = _parents(key, self.keys, self._words)
            weights = [known[parent] + _LEAST_WEIGHT for parent in parents]
            total = sum(weights[1:], start=weights[0])
            prior = sum(
                ((w / total)[query] * share[p] for w, p in zip(weights, parents, strict=True)),
                start=np.zeros(len(query)),
            )
            n, distinct = counts.n[rows[key]], counts.distinct[rows[key]]
            held = self._held(counts, rows[key][query], persona)
            share[key] = np.where(
                n[query] > 0,
                (held + distinct[query] * prior) / np.maximum(n + distinct, 1e-9)[query],
                prior,
            )
            reliability = n / np.maximum(n + distinct, 1e-9)
            known[key] = np.maximum.reduce([reliability, *(known[p] for p in parents)])
        return share

    def _product(self, share: dict[Key, Floats], query: Ints, n: int) -> Floats:
        """Combine the attributes as if they were independent given the persona (naive Bayes)."""
        # These repeat another attribute, or show little, as whether a manager leads managers.
        repeating = {(COST_CENTER_PREFIX,), (USUAL_TITLE,), (MANAGER_OVER,)}
        singles = [key for key in self.keys if len(key) == 1 and key not in repeating]
        base = np.log(share[()] + _FLOOR)
        log = base + sum(np.log(share[key] + _FLOOR) - base for key in singles)
        product = np.exp(log - _best_of(log, query, n))
        return product / np.bincount(query, weights=product, minlength=n)[query]

    def _count(self, packed: Ints, weight: Floats, rows: Ints, personas: Ints) -> _Counts:
        """Count people and holders for each value; person `rows[i]` holds persona `personas[i]`."""
        known, place = np.unique(packed, return_inverse=True)
        if len(known) and known[0] < 0:
            known, place = known[1:], place - 1
        is_in = place >= 0
        n = np.bincount(place[is_in], weights=weight[is_in], minlength=len(known) + 1)
        is_cell = is_in[rows]
        wanted = place[rows[is_cell]] * self.n_personas + personas[is_cell]
        cell, at = np.unique(wanted, return_inverse=True)
        held = np.bincount(at, weights=weight[rows[is_cell]], minlength=len(cell))
        return self._table(known, n.astype(np.float64), cell, held.astype(np.float64))

    def _table(self, known: Ints, n: Floats, cell: Ints, held: Floats) -> _Counts:
        row, persona = np.divmod(cell, self.n_personas)
        order = np.lexsort((persona, -held, row))
        distinct = np.bincount(row, minlength=len(known) + 1)
        starts = np.append(0, distinct.cumsum())[:-1]
        place = np.arange(len(order)) - starts[row[order]]
        kept = place < _N_TOP
        top = np.full((len(known) + 1, _N_TOP), -1, dtype=np.int64)
        top[row[order][kept], place[kept]] = persona[order][kept]
        return _Counts(known, n, distinct.astype(np.float64), cell, held, top)

    def _word_shares(self, people: Observations, name: str) -> _Counts:
        """Return the shares of personas for the words of each title or cost center.

        Rare words have more weight. `n` is the total of the shares, from 0 to 1; everybody's shares
        make up the rest.
        """
        titles = people.values[self._columns[name]]
        words: dict[str, int] = {}
        entries = [
            (row, words.setdefault(word, len(words)))
            for row, title in enumerate(titles)
            for word in sorted(words_of(title))
        ]
        row, word = (np.array(part, dtype=np.int64) for part in zip(*entries, strict=True))
        n_titles_with = np.bincount(word, minlength=len(words))
        rarity = np.log1p(len(titles) / n_titles_with)[word]
        weighted = sparse.csr_array((rarity, (row, word)), shape=(len(titles), len(words)))
        weighted = sparse.csr_array(weighted.multiply(1.0 / weighted.sum(axis=1)[:, None]))
        title = people.column(name)
        is_titled = np.flatnonzero(title >= 0)
        member = sparse.csr_array(
            (people.weight[is_titled], (title[is_titled], is_titled)),
            shape=(len(titles), len(people)),
        )
        has_word = sparse.csr_array((np.ones(len(row)), (word, row)))
        under = has_word @ member
        n_people = np.asarray(under.sum(axis=1)).ravel()
        share = sparse.csr_array((under @ people.held).multiply(1.0 / (n_people + 1.0)[:, None]))
        shares = sparse.coo_array(weighted @ share)
        cell = shares.row.astype(np.int64) * self.n_personas + shares.col
        order = np.argsort(cell)
        knows = np.append(np.asarray(weighted @ (n_people / (n_people + 1.0))).ravel(), 0.0)
        return self._table(np.arange(len(titles)), knows, cell[order], shares.data[order])


def _words_key(name: str) -> Key:
    """Name the key that stands for the words of an attribute."""
    return (f"{name}_words",)


def words_of(title: str) -> set[str]:
    """Return the words of a title, and the starts of longer ones: titles are often shortened."""
    words = set(re.findall(r"\w+", title))
    return (words | {word[:_WORD_START] + "-" for word in words if len(word) > _WORD_START}) or {
        title
    }


def full_key(attributes: tuple[str, ...]) -> Key:
    """Return the key of all attributes; the prefix adds nothing to the cost center."""
    return tuple(name for name in attributes if name != COST_CENTER_PREFIX)


def evidence_keys(attributes: tuple[str, ...], ladder: Sequence[Key]) -> list[Key]:
    """List the keys to count, each after its parents."""
    keys: list[Key] = [(), *((name,) for name in attributes)]
    keys += combinations(attributes, 2)
    keys += [
        key
        for key in combinations(attributes, _MOST_TOGETHER)
        if len(attributes) <= _MOST_FOR_ALL_TRIPLES or key in ladder or _TELLING.issubset(key)
    ]
    keys = [key for key in keys if not {COST_CENTER, COST_CENTER_PREFIX} <= set(key)]
    full = full_key(attributes)
    keys = keys if full in keys else [*keys, full]
    if MANAGER in attributes:
        beside = [name for name in attributes if name in _BESIDE_MANAGER]
        keys += [(name,) for name in _OF_MANAGER]
        keys += [(other, name) for name in _OF_MANAGER for other in beside]
    if JOB_TITLE in attributes:
        keys.append((USUAL_TITLE,))
        keys += [(other, USUAL_TITLE) for other in attributes if other != JOB_TITLE]
    finer = (COST_CENTER, MANAGER, JOB_TITLE)
    return sorted(keys, key=lambda key: (len(key), *(name in key for name in finer)))


def _parents(key: Key, keys: list[Key], worded: Collection[str]) -> list[Key]:
    """List the keys one step coarser: an attribute less, or the prefix for the cost center."""
    if len(key) == 1:
        parents: list[Key] = [()]
        written = JOB_TITLE if key == (USUAL_TITLE,) else key[0]
        if written in worded:
            parents.append(_words_key(written))
    else:
        size = min(len(key) - 1, _MOST_TOGETHER)
        parents = [other for other in combinations(key, size) if other in keys]
        if not parents:
            parents = list(combinations(key, 2))
    substitutes = {
        COST_CENTER: (COST_CENTER_PREFIX,),
        MANAGER: _OF_MANAGER,
        JOB_TITLE: (USUAL_TITLE,),
    }
    for name, others in substitutes.items():
        if name in key:
            replaced = [{*key} - {name} | {other} for other in others]
            parents += [other for other in keys if set(other) in replaced]
    return parents


def _implied(people: Observations) -> dict[str, tuple[str, Ints]]:
    """Return what codes of an attribute imply: by name, the attribute, and a value for each code.

    A manager implies the manager above and the manager's persona, a title its usual words.
    """
    found: dict[str, tuple[str, Ints]] = {}
    if people.wordings is not None:
        title = people.column(JOB_TITLE)
        n = np.zeros(len(people.wordings.of))
        np.add.at(n, title[title >= 0], people.weight[title >= 0])
        found[USUAL_TITLE] = (JOB_TITLE, usual_wordings(people.wordings, n))
    if MANAGER not in people.attributes:
        return found
    managers = people.values[people.attributes.index(MANAGER)]
    # Everybody known holds a persona, and a row's are in order.
    first = people.held.indices[people.held.indptr[:-1]]
    persona = dict(zip(people.brids.tolist(), first.tolist(), strict=True))
    found[MANAGER_ABOVE] = (MANAGER, people.manager_above)
    found[MANAGER_OVER] = (MANAGER, people.manager_over)
    found[MANAGER_PERSONA] = (
        MANAGER,
        np.array([persona.get(name, -1) for name in managers], dtype=np.int64),
    )
    return found


def _best_of(values: Floats, query: Ints, n: int) -> Floats:
    best = np.full(n, -np.inf)
    np.maximum.at(best, query, values)
    return best[query]


def _is_top(values: Floats, query: Ints) -> Bools:
    """Return which pairs are among the best of their query."""
    order = np.lexsort((-values, query))
    starts = np.searchsorted(query[order], query[order])
    is_top = np.zeros(len(values), dtype=np.bool_)
    is_top[order] = np.arange(len(order)) - starts < N_CANDIDATES
    return is_top
