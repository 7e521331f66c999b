"""The precision that can be assured for all answers above a threshold.

A confidence belongs to one answer. Whoever assigns all answers above a confidence needs to know how
many of them are right. People held out in three ways show it, and the worst way counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from persona_access.learning.calibrate import COARSE
from persona_access.learning.observations import Bools, Floats, Ints, Texts

# Beyond chance: one-sided 95 % for people held out at random; 90 % for cost centers never seen, so
# that forty of them without a mistake give 0.95. Newcomers are few; they confirm or refute what
# the others say, one-sided 80 %.
_ERRORS = 1.645
_ERRORS_OF_UNSEEN_CENTERS = 1.28
_ERRORS_OF_NEWCOMERS = 0.84
# Fewer people held out in one way have no say.
_MIN_PEOPLE = 20
# Certain answers must not carry guesses: a set may be right often enough with coins thrown in.
MIN_CONFIDENCE = 0.75


@dataclass(frozen=True)
class HeldOut:
    """People held out in one way: the confidence of each answer, whether right, cost center."""

    confidence: Floats
    is_right: Bools
    center: Ints


@dataclass(frozen=True)
class PrecisionBound:
    """The precision that one way of holding out assures from each confidence on."""

    confidences: Floats
    precisions: Floats

    def at(self, confidence: Floats) -> Floats:
        """Return the highest precision assured at each confidence; 0 for none."""
        place = np.searchsorted(self.confidences, confidence, side="right")
        return np.append(0.0, self.precisions)[place]


@dataclass(frozen=True)
class Assurance:
    """The precision that the three ways of holding out assure."""

    at_random: PrecisionBound | None
    unseen_centers: PrecisionBound | None
    newcomers: PrecisionBound | None

    def precision(self, confidence: Floats, basis: Texts) -> Floats:
        """Return the precision that all three ways assure for each answer; 0 for guesses.

        Nothing is assured where nobody was held out. Cost centers never seen have a say only in
        answers that do without the cost center. Where HR lets nobody be recognised as a newcomer,
        newcomers have none.
        """
        if self.at_random is None:
            return np.zeros(len(confidence))
        assured = np.where(confidence < MIN_CONFIDENCE, 0.0, self.at_random.at(confidence))
        if self.newcomers is not None:
            assured = np.minimum(assured, self.newcomers.at(confidence))
        if self.unseen_centers is None:
            return np.where(basis == COARSE, 0.0, assured)
        coarse = np.minimum(assured, self.unseen_centers.at(confidence))
        return np.where(basis == COARSE, coarse, assured)


def assure(at_random: HeldOut, unseen_centers: HeldOut, newcomers: HeldOut) -> Assurance:
    """Measure the precision that each way of holding out assures."""
    return Assurance(
        at_random=bound_precision(at_random, _ERRORS),
        unseen_centers=bound_precision(
            unseen_centers, _ERRORS_OF_UNSEEN_CENTERS, is_center_one_witness=True
        ),
        newcomers=bound_precision(newcomers, _ERRORS_OF_NEWCOMERS),
    )


def bound_precision(
    way: HeldOut, errors: float, *, is_center_one_witness: bool = False
) -> PrecisionBound | None:
    """Bound the share of right answers from each confidence on; None with too few people.

    The bound lies so many standard errors below the share (Agresti-Coull). People of one cost
    center are right or wrong together, so the error is the larger of two: as if all were
    independent, and as if only cost centers were. Of cost centers never seen, each is one witness,
    however many people work there: a few that are all right prove little of the next.
    """
    if len(way.confidence) < _MIN_PEOPLE:
        return None
    order = np.argsort(-way.confidence, kind="stable")
    confidence, right = way.confidence[order], way.is_right[order].astype(np.float64)
    center = way.center[order]
    n_people = np.arange(1, len(order) + 1)
    witnesses = n_people
    if is_center_one_witness:
        is_first = np.zeros(len(order))
        is_first[np.unique(center, return_index=True)[1]] = 1.0
        witnesses = is_first.cumsum()
    seen = right.cumsum() / n_people
    n = witnesses + errors**2
    share = (seen * witnesses + errors**2 / 2) / n
    variance = np.maximum(
        share * (1 - share) / n, _clustered_squares(right, center, seen) / n_people**2
    )
    bound = share - errors * np.sqrt(variance)
    is_last_of_ties = np.append(confidence[1:] != confidence[:-1], True)
    # A set assures the same to each answer in it, the more confident ones included.
    best = np.maximum.accumulate(bound[is_last_of_ties][::-1])
    return PrecisionBound(confidence[is_last_of_ties][::-1], np.clip(best, 0.0, 1.0))


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
    # What one more person adds to the sums over clusters of n * n, n * hits and hits * hits.
    people = (2 * before + 1).cumsum()
    mixed = ((hits_before + right) * (before + 1) - hits_before * before).cumsum()
    rights = (right * (2 * hits_before + 1)).cumsum()
    return np.asarray(rights - 2 * share * mixed + share**2 * people)
