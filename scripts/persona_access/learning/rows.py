"""Tabulate a model: one row per key by which unknown people can be looked up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from persona_access.learning.evidence import Evidence, Key
from persona_access.learning.groups import group_of, words_of_group
from persona_access.learning.keys import MIN_SUPPORT_OF_PROFILE, PAIR, asked, first_known
from persona_access.learning.learn import N_SUGGESTIONS, Model
from persona_access.learning.observations import (
    COST_CENTER,
    COST_CENTER_PREFIX,
    MANAGEMENT_LEVEL,
    Bools,
    Floats,
    Ints,
    Observations,
)

CONFIDENCE_DIGITS = 2
# A finer row that only repeats the answer of a coarser one is omitted: same persona, same decision,
# and nearly as sure; for suggestions, the confidence may differ more.
_SAME_CONFIDENCE = 0.05
_SAME_CONFIDENCE_OF_SUGGESTIONS = 0.15
# A second persona that only one in twenty holds is of no use.
_LEAST_CONFIDENCE = 0.05
_SAME_PRECISION = 0.02


@dataclass(frozen=True)
class MappingRow:
    """One row of the seed: a key, the personas it suggests, and how sure each is."""

    key_rank: int
    key: dict[str, str]
    personas: tuple[str, ...]
    confidences: tuple[float, ...]
    assured_precision: float
    support: int
    hits: int
    group: str
    newcomer_precision: float = 0.0

    @property
    def looks_at(self) -> str:
        """Name the attributes of the key."""
        return "+".join(self.key)

    @property
    def mapping_id(self) -> str:
        """Name the key in 12 digits; the same key has the same id in every training."""
        text = "\x1f".join(f"{name}={value}" for name, value in self.key.items())
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class _Kind:
    rank: int
    kind: Key
    codes: Ints
    queries: Ints
    personas: Ints
    confidences: Floats
    assured: Floats
    of_newcomers: Floats
    support: Ints
    hits: Ints
    group: Ints
    # Nobody who was held out says how right it is.
    is_untested: Bools


def tabulate(model: Model, people: Observations, minimum: float) -> list[MappingRow]:
    """List the rows of a model, most specific first; `minimum` is the precision to assign at."""
    evidence = model.evidence
    coarser: list[tuple[_Kind, Bools]] = []
    for rank in reversed(range(len(evidence.ladder.kinds))):
        rows = _answer(model, people, rank, minimum)
        coarser.insert(0, (rows, _is_worth_a_row(evidence, rows, coarser, minimum)))
    return [
        row
        for rows, is_kept in coarser
        for row in _written(rows, np.flatnonzero(is_kept), evidence, people.values, model.personas)
    ]


def _answer(model: Model, people: Observations, rank: int, minimum: float) -> _Kind:
    """Predict for every value of one kind of key."""
    evidence = model.evidence
    kind = evidence.ladder.kinds[rank]
    is_profile = rank < evidence.ladder.n_profiles
    codes = _values_of(evidence, kind, people.profiles[people.is_stranger] if is_profile else None)
    queries = asked(evidence, kind, codes)
    group = group_of(evidence, queries, is_profile=is_profile)
    answers = model.answers(queries, group)
    confidence, assured, of_newcomers = model.sureness(answers, queries, group, minimum)
    is_untested = ~(model.assurance.tests(group) | is_profile)
    if COST_CENTER in kind:
        # The former people of a code say nothing about its current ones.
        center = codes[:, evidence.attributes.index(COST_CENTER)]
        is_reused = np.isin(center, model.reused_centers)
        assured, of_newcomers = (np.where(is_reused, 0.0, each) for each in (assured, of_newcomers))
        is_untested &= ~is_reused
    # The next suggestions keep their distance from the best one.
    share = answers.score / np.maximum(answers.score[:, :1], 1e-9)
    return _Kind(
        rank=rank,
        kind=kind,
        codes=codes,
        queries=queries,
        personas=answers.persona,
        confidences=np.round(confidence[:, None] * share, CONFIDENCE_DIGITS),
        assured=_rounded_down(assured),
        of_newcomers=_rounded_down(of_newcomers),
        support=evidence.support(kind, codes),
        hits=evidence.hits(kind, codes, answers.persona[:, 0]),
        group=group,
        is_untested=is_untested,
    )


def _rounded_down(values: Floats) -> Floats:
    return np.asarray(np.floor(values * 10**CONFIDENCE_DIGITS) / 10**CONFIDENCE_DIGITS)


def _values_of(evidence: Evidence, kind: Key, profiles: Ints | None) -> Ints:
    """List the keys of one kind: observed ones, those of the headcount, and pairs of parts."""
    if kind == PAIR:
        levels = evidence.values_of((MANAGEMENT_LEVEL,))
        centers = evidence.values_of((COST_CENTER,))
        left, right = np.repeat(levels, len(centers), axis=0), np.tile(centers, (len(levels), 1))
        return np.maximum(left, right)
    observed = evidence.values_of(kind)
    if profiles is None:
        return observed
    positions = [evidence.attributes.index(name) for name in kind]
    profiles = np.unique(profiles, axis=0) if len(profiles) else profiles
    here = np.full_like(profiles, -1)
    here[:, positions] = profiles[:, positions]
    is_kind = (profiles[:, positions] >= 0).all(axis=1)
    is_kind &= (profiles >= 0).sum(axis=1) - _n_prefixes(evidence, profiles) == len(kind)
    observed = observed[evidence.support(kind, observed) >= MIN_SUPPORT_OF_PROFILE]
    # Nothing can be suggested for a person of whose profile not even a part is known.
    is_kind[is_kind] = first_known(evidence, here[is_kind]) >= 0
    return np.unique(np.concatenate([observed, here[is_kind]]), axis=0)


def _n_prefixes(evidence: Evidence, codes: Ints) -> Ints:
    if COST_CENTER_PREFIX not in evidence.attributes:
        return np.zeros(len(codes), dtype=np.int64)
    return (codes[:, evidence.attributes.index(COST_CENTER_PREFIX)] >= 0).astype(np.int64)


def _is_worth_a_row(
    evidence: Evidence, rows: _Kind, coarser: list[tuple[_Kind, Bools]], minimum: float
) -> Bools:
    """Compare each row with the coarser row that would be used instead."""
    persona = np.full(len(rows.codes), -1, dtype=np.int64)
    confidence = np.zeros(len(rows.codes))
    assured, of_newcomers = np.zeros(len(rows.codes)), np.zeros(len(rows.codes))
    group = np.full(len(rows.codes), -1, dtype=np.int64)
    for other, is_kept in coarser:
        found = _position(evidence, other, is_kept, rows.queries)
        open_rows = (persona < 0) & (found >= 0)
        persona[open_rows] = other.personas[found[open_rows], 0]
        confidence[open_rows] = other.confidences[found[open_rows], 0]
        assured[open_rows] = other.assured[found[open_rows]]
        of_newcomers[open_rows] = other.of_newcomers[found[open_rows]]
        group[open_rows] = other.group[found[open_rows]]
    is_assigned = rows.assured >= minimum
    as_sure = np.where(is_assigned, _SAME_CONFIDENCE, _SAME_CONFIDENCE_OF_SUGGESTIONS)
    is_as_sure = np.abs(confidence - rows.confidences[:, 0]) <= as_sure
    # The assurance of a group rests on all its people: a person for whom a coarser row gives the
    # same answer must stay in it, or only the doubtful ones would remain.
    is_as_assured = (np.abs(assured - rows.assured) <= _SAME_PRECISION) & (group == rows.group)
    is_answered_alike = persona == rows.personas[:, 0]
    is_same = (
        is_answered_alike
        & (is_assigned == (assured >= minimum))
        & ((rows.of_newcomers >= minimum) == (of_newcomers >= minimum))
        & (is_as_assured | ~is_assigned)
        & is_as_sure
    )
    # What nobody was held out of may contradict a coarser row, but does not doubt it.
    is_same |= is_answered_alike & rows.is_untested & (2 * rows.hits > rows.support)
    return np.asarray((rows.personas[:, 0] >= 0) & ~is_same)


def _position(evidence: Evidence, rows: _Kind, is_kept: Bools, codes: Ints) -> Ints:
    """Find each query's row among the kept rows of a kind, -1 for none."""
    kept = np.flatnonzero(is_kept)
    packed = evidence.pack(rows.kind, rows.codes[kept])
    order = np.argsort(packed)
    wanted = evidence.pack(rows.kind, codes)
    if not len(kept):
        return np.full(len(codes), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(packed[order], wanted), len(kept) - 1)
    is_found = (packed[order][place] == wanted) & (wanted >= 0)
    return np.where(is_found, kept[order][place], -1)


def _written(
    rows: _Kind,
    kept: Ints,
    evidence: Evidence,
    values: tuple[tuple[str, ...], ...],
    personas: tuple[str, ...],
) -> list[MappingRow]:
    positions = [(name, evidence.attributes.index(name)) for name in rows.kind]
    written = []
    for row in kept.tolist():
        suggested = [
            place
            for place in range(N_SUGGESTIONS)
            if rows.personas[row, place] >= 0
            and (place == 0 or rows.confidences[row, place] >= _LEAST_CONFIDENCE)
        ]
        written.append(
            MappingRow(
                key_rank=rows.rank + 1,
                key={name: values[at][rows.codes[row, at]] for name, at in positions},
                personas=tuple(personas[rows.personas[row, place]] for place in suggested),
                confidences=tuple(float(rows.confidences[row, place]) for place in suggested),
                assured_precision=float(rows.assured[row]),
                support=int(rows.support[row]),
                hits=int(rows.hits[row]),
                group=words_of_group(int(rows.group[row])),
                newcomer_precision=float(rows.of_newcomers[row]),
            )
        )
    return sorted(written, key=lambda row: tuple(row.key.values()))
