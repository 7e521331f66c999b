"""Tabulate a model: one row per key that strangers can be looked up by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from persona_access.learning.evidence import Evidence, Key
from persona_access.learning.keys import asked, has_row, kinds
from persona_access.learning.learn import N_SUGGESTIONS, Model
from persona_access.learning.observations import COST_CENTER, MANAGEMENT_LEVEL, Bools, Floats, Ints
from persona_access.learning.simulate import basis_of, ceiling_of

CONFIDENCE_DIGITS = 4
# A finer row that only repeats what a coarser one answers is left out: same persona, nearly the
# same odds of being right (0.95 against 0.93, 0.50 against 0.41), and assured precision.
_SAME_ODDS_FACTOR = 1.45
_SAME_PRECISION = 0.005
_ALWAYS_WRITTEN: Key = (MANAGEMENT_LEVEL, COST_CENTER)


@dataclass(frozen=True)
class MappingRow:
    """One row of the seed: a key, the personas it suggests, and how sure that is."""

    key_rank: int
    key: dict[str, str]
    personas: tuple[str, ...]
    confidences: tuple[float, ...]
    assured_precision: float
    support: int
    hits: int

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
    personas: Ints
    confidences: Floats
    assured: Floats
    support: Ints
    hits: Ints


def tabulate(model: Model, values: tuple[tuple[str, ...], ...]) -> list[MappingRow]:
    """List the rows of a model, most specific first; `values` are the texts of the codes."""
    evidence = model.evidence
    coarser: list[tuple[_Kind, Bools]] = []
    for rank in reversed(range(len(kinds(evidence.attributes)))):
        rows = _answer(model, rank)
        coarser.insert(0, (rows, _is_worth_a_row(evidence, rows, coarser)))
    return [
        row
        for rows, is_kept in coarser
        for row in _written(rows, np.flatnonzero(is_kept), evidence, values, model.personas)
    ]


def _answer(model: Model, rank: int) -> _Kind:
    """Answer for every value of one kind of key."""
    evidence = model.evidence
    kind = kinds(evidence.attributes)[rank]
    codes = _values_of(evidence, kind)
    ranks = np.full(len(codes), rank)
    basis = basis_of(evidence, ranks, codes)
    answers = model.answers(asked(evidence, kind, codes), basis)
    ceiling = ceiling_of(evidence, ranks, codes, answers.persona[:, 0])
    confidence = model.calibration.confidence(answers.score[:, 0], basis, ceiling)
    # The next suggestions keep their distance to the best one.
    share = answers.score / np.maximum(answers.score[:, :1], 1e-9)
    return _Kind(
        rank=rank,
        kind=kind,
        codes=codes,
        personas=answers.persona,
        confidences=np.round(confidence[:, None] * share, CONFIDENCE_DIGITS),
        assured=np.round(model.assurance.precision(confidence, basis), CONFIDENCE_DIGITS),
        support=evidence.support(kind, codes),
        hits=evidence.hits(kind, codes, answers.persona[:, 0]),
    )


def _values_of(evidence: Evidence, kind: Key) -> Ints:
    """List the keys of one kind: the observed ones, and the pairs that can be combined."""
    if kind != _ALWAYS_WRITTEN:
        observed = evidence.values_of(kind)
        return observed[has_row(evidence, kind, observed)]
    levels = evidence.values_of((MANAGEMENT_LEVEL,))
    centers = evidence.values_of((COST_CENTER,))
    pairs = np.where(
        np.repeat(levels, len(centers), axis=0) >= 0,
        np.repeat(levels, len(centers), axis=0),
        np.tile(centers, (len(levels), 1)),
    )
    return pairs[has_row(evidence, kind, pairs)]


def _is_worth_a_row(evidence: Evidence, rows: _Kind, coarser: list[tuple[_Kind, Bools]]) -> Bools:
    """Compare each row with the coarser row that would answer in its place."""
    persona = np.full(len(rows.codes), -1, dtype=np.int64)
    confidence = np.zeros(len(rows.codes))
    assured = np.zeros(len(rows.codes))
    # What the key implies (a department, for one) decides which coarser row would answer.
    completed = asked(evidence, rows.kind, rows.codes)
    for other, is_kept in coarser:
        found = _position(evidence, other, is_kept, completed)
        open_rows = (persona < 0) & (found >= 0)
        persona[open_rows] = other.personas[found[open_rows], 0]
        confidence[open_rows] = other.confidences[found[open_rows], 0]
        assured[open_rows] = other.assured[found[open_rows]]
    odds_factor = np.abs(_log_odds(confidence) - _log_odds(rows.confidences[:, 0]))
    is_same = (
        (persona == rows.personas[:, 0])
        & (odds_factor < np.log(_SAME_ODDS_FACTOR))
        & (np.abs(assured - rows.assured) <= _SAME_PRECISION)
    )
    is_observed_pair = (rows.support > 0) & (rows.kind == _ALWAYS_WRITTEN)
    return np.asarray((rows.personas[:, 0] >= 0) & (~is_same | is_observed_pair))


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


def _log_odds(confidence: Floats) -> Floats:
    clipped = np.clip(confidence, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(clipped / (1 - clipped)))


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
        suggested = [place for place in range(N_SUGGESTIONS) if rows.personas[row, place] >= 0]
        written.append(
            MappingRow(
                key_rank=rows.rank + 1,
                key={name: values[at][rows.codes[row, at]] for name, at in positions},
                personas=tuple(personas[rows.personas[row, place]] for place in suggested),
                confidences=tuple(float(rows.confidences[row, place]) for place in suggested),
                assured_precision=float(rows.assured[row]),
                support=int(rows.support[row]),
                hits=int(rows.hits[row]),
            )
        )
    return sorted(written, key=lambda row: tuple(row.key.values()))
