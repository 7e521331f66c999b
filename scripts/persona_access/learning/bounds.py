"""How many answers of a set are right at least, as far as held-out people show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from persona_access.learning.observations import Bools, Floats, Ints

# With fewer held-out people, there is no bound.
_MIN_PEOPLE = 20
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


def set_precision(bounds: tuple[PrecisionBound, ...], confidence: Floats, minimum: float) -> Floats:
    """Return what all bounds assure at each confidence; 0 for guesses.

    All answers that are assigned at `minimum` are assured the precision of their whole set: a
    higher precision for only the surest of them is not what is delivered.
    """

    def at(asked: Floats) -> Floats:
        assured = np.minimum.reduce([bound.at(asked) for bound in bounds])
        return np.where(asked >= MIN_CONFIDENCE, assured, 0.0)

    assured = at(confidence)
    of_sets = at(np.concatenate([bound.confidences for bound in bounds]))
    of_assigned = of_sets[of_sets >= minimum]
    if not len(of_assigned):
        return np.where(assured >= minimum, 0.0, assured)
    return np.where(assured >= minimum, of_assigned.min(), assured)


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
