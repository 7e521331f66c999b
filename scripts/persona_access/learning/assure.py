"""The precision that can be assured for all answers of a group above a threshold.

A confidence belongs to one answer. Before you assign all answers above a confidence, you need to
know how many of them are right. People held out in several ways show that share, group by group,
and the worst way counts: a group that is certain must not compensate for another that guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from persona_access.learning.observations import Bools, Floats, Ints

# The margin beyond chance, in standard errors. It is larger if people are right or wrong together,
# as under one manager, or as newcomers who are given one persona in one cost center. Each of the
# few newcomers, alone, only confirms or refutes the result of the others.
_ERRORS, _ERRORS_TOGETHER = 0.7, 1.0
_ERRORS_OF_NEWCOMERS = 0.5
NEWCOMERS = "newcomers"
# A way with fewer held-out people does not count.
_MIN_PEOPLE = 20
# A way of holding out counts separately from this share of a group's people.
_FAIR_PART = 0.2
# An answer with less confidence is a guess, however good the others of its set are.
MIN_CONFIDENCE = 0.9


@dataclass(frozen=True)
class HeldOut:
    """People held out in one way: confidence, whether right, and clusters of people."""

    confidence: Floats
    is_right: Bools
    witness: Ints


@dataclass(frozen=True)
class PrecisionBound:
    """The precision that one way of holding out assures at or above each confidence."""

    confidences: Floats
    precisions: Floats

    def at(self, confidence: Floats) -> Floats:
        """Return the highest precision assured at each confidence; 0 for none."""
        place = np.searchsorted(self.confidences, confidence, side="right")
        return np.append(0.0, self.precisions)[place]


_NOTHING = PrecisionBound(np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Assurance:
    """The bounds of each group, one for each relevant way of holding out; newcomers apart."""

    groups: dict[int, tuple[PrecisionBound, ...]]
    newcomers: dict[int, PrecisionBound]

    def tests(self, group: Ints) -> Bools:
        """Return for each group whether enough of its people were held out."""
        return np.isin(group, list(self.groups))

    def precision(self, confidence: Floats, group: Ints, minimum: float) -> Floats:
        """Return the precision that all ways assure; 0 for guesses and untested groups.

        All answers of a group that are assigned at `minimum` are assured the precision of their
        whole set: a higher precision for only the surest of them is not what is delivered.
        """
        assured = np.zeros(len(confidence))
        for number, bounds in self.groups.items():
            rows = group == number
            assured[rows] = _assured(bounds, confidence[rows], minimum)
        return assured

    def precision_of_newcomers(self, confidence: Floats, group: Ints, minimum: float) -> Floats:
        """Return the precision for newcomers: no more than for everybody, 0 if none were tested."""
        assured = np.zeros(len(confidence))
        for number, bound in self.newcomers.items():
            rows = group == number
            bounds = (*self.groups.get(number, (_NOTHING,)), bound)
            assured[rows] = _assured(bounds, confidence[rows], minimum)
        return np.minimum(assured, self.precision(confidence, group, minimum))


def _assured(bounds: tuple[PrecisionBound, ...], confidence: Floats, minimum: float) -> Floats:
    def at(asked: Floats) -> Floats:
        assured = np.minimum.reduce([bound.at(asked) for bound in bounds])
        return np.where(asked >= MIN_CONFIDENCE, assured, 0.0)

    assured = at(confidence)
    of_sets = at(np.concatenate([bound.confidences for bound in bounds]))
    of_assigned = of_sets[of_sets >= minimum]
    if not len(of_assigned):
        return np.where(assured >= minimum, 0.0, assured)
    return np.where(assured >= minimum, of_assigned.min(), assured)


def assure(ways: Mapping[str, tuple[HeldOut, Ints]]) -> Assurance:
    """Measure the precision assured to each group; each way has the groups of its answers.

    A group is assured the precision that all its held-out people confirm together, and no more than
    each way by which a fair part of them was held out: a few people of another way prove nothing
    alone.
    """
    parts: dict[int, list[HeldOut]] = {}
    newcomers: dict[int, PrecisionBound] = {}
    for name, (way, group) in ways.items():
        for number in np.unique(group).tolist():
            rows = group == number
            part = HeldOut(way.confidence[rows], way.is_right[rows], way.witness[rows])
            if name != NEWCOMERS:
                parts.setdefault(number, []).append(part)
            elif bound := bound_precision(part, _ERRORS_OF_NEWCOMERS, together=_ERRORS_TOGETHER):
                newcomers[number] = bound
    groups = {number: _bounds(each) for number, each in parts.items()}
    return Assurance({number: each for number, each in groups.items() if each}, newcomers)


def _bounds(parts: list[HeldOut]) -> tuple[PrecisionBound, ...]:
    everybody = _together(parts)
    least = _FAIR_PART * len(everybody.confidence)
    sets = [everybody, *(part for part in parts if len(part.confidence) >= least)]
    # Each way counts a witness once: a person for random folds, else a cost center or manager.
    bounds = (bound_precision(each, _errors_of(each), is_witness_one=True) for each in sets)
    return tuple(bound for bound in bounds if bound)


def _errors_of(part: HeldOut) -> float:
    is_each_alone = len(np.unique(part.witness)) == len(part.witness)
    return _ERRORS if is_each_alone else _ERRORS_TOGETHER


def _together(parts: list[HeldOut]) -> HeldOut:
    starts = np.cumsum([0, *(int(part.witness.max(initial=0)) + 1 for part in parts)])
    return HeldOut(
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.is_right for part in parts]),
        np.concatenate([part.witness + at for part, at in zip(parts, starts, strict=False)]),
    )


def bound_precision(
    way: HeldOut, errors: float, *, together: float | None = None, is_witness_one: bool = False
) -> PrecisionBound | None:
    """Bound the share of right answers at or above each confidence; None with too few people.

    The bound is a number of standard errors below the share (Agresti-Coull). People of one witness
    are right or wrong together, so the larger of two margins counts: as if all were independent,
    and as if only witnesses were (`together` standard errors, if they differ). With
    `is_witness_one`, each witness is one answer, however many people it has: a few cost centers
    that were never seen, and are all right, prove little about the next one.
    """
    if len(way.confidence) < _MIN_PEOPLE:
        return None
    order = np.argsort(-way.confidence, kind="stable")
    confidence, right = way.confidence[order], way.is_right[order].astype(np.float64)
    witness = way.witness[order]
    n_people = np.arange(1, len(order) + 1)
    witnesses = n_people
    if is_witness_one:
        is_first = np.zeros(len(order))
        is_first[np.unique(witness, return_index=True)[1]] = 1.0
        witnesses = is_first.cumsum()
    seen = right.cumsum() / n_people
    n = witnesses + errors**2
    share = (seen * witnesses + errors**2 / 2) / n
    alone = errors * np.sqrt(share * (1 - share) / n)
    squares = _clustered_squares(right, witness, seen)
    clustered = np.sqrt(np.maximum(squares, 0.0)) / n_people  # rounded, no errors can be less
    bound = share - np.maximum(alone, (errors if together is None else together) * clustered)
    is_last_of_ties = np.append(confidence[1:] != confidence[:-1], True)
    # Guesses are never assigned, so they confirm nothing.
    is_set = is_last_of_ties & (confidence >= MIN_CONFIDENCE)
    # A set assures the same precision to each of its answers, including the more confident ones.
    best = np.maximum.accumulate(bound[is_set][::-1])
    return PrecisionBound(confidence[is_set][::-1], np.clip(best, 0.0, 1.0))


def _clustered_squares(right: Floats, cluster: Ints, share: Floats) -> Floats:
    """Sum, from the first person to each, the squares of (right - share) added up by cluster."""
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(cluster[order]) != 0))
    sizes = np.diff(np.append(starts, len(order)))
    before = np.empty(len(order))
    hits_before = np.empty(len(order))
    hits = np.append(0.0, right[order].cumsum())
    before[order] = np.arange(len(order)) - np.repeat(starts, sizes)
    hits_before[order] = hits[:-1] - np.repeat(hits[starts], sizes)
    # The amounts that one more person adds to the sums of n * n, n * hits and hits * hits by
    # cluster.
    people = (2 * before + 1).cumsum()
    mixed = ((hits_before + right) * (before + 1) - hits_before * before).cumsum()
    rights = (right * (2 * hits_before + 1)).cumsum()
    return np.asarray(rights - 2 * share * mixed + share**2 * people)
