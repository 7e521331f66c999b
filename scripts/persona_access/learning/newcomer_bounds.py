"""What newcomers are assured: where others confirmed their answer, more depends on these.

Newcomers who are given one persona in one cost center are alike. What changes with time - a persona
split, renamed or held only at first - makes all of them wrong at once. So held-out newcomers show
two things: how often an answer is right that no newcomer has confirmed yet, and how often one is
right that others who are alike confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from persona_access.learning.bounds import (
    MIN_CONFIDENCE,
    HeldOut,
    PrecisionBound,
    bound_precision,
    set_precision,
)
from persona_access.learning.observations import Floats, Ints

# The margin beyond chance, in standard errors: between people, and between those who are alike.
# Each of the few newcomers, alone, only confirms or refutes the result of the others.
_ERRORS, _ERRORS_TOGETHER = 0.5, 1.0
# From this many on, newcomers who are alike say how sure their answer is.
_ENOUGH = 3
# The confidence has the weight of this many errors.
_ERRORS_BEFORE = 2.0


@dataclass(frozen=True)
class NewcomerBound:
    """What the held-out newcomers of a group assure, as long as nobody is alike, and then.

    Of `alike[i]` (sorted), there were `n[i]`; `wrong[i]` were wrong, `expected[i]` by confidence.
    """

    unconfirmed: PrecisionBound
    confirmed: PrecisionBound | None
    alike: Ints
    n: Ints
    wrong: Floats
    expected: Floats

    def precision(self, confidence: Floats, alike: Ints, minimum: float) -> Floats:
        """Return the precision assured to answers; without a cost center, nobody is alike."""
        assured = set_precision((self.unconfirmed,), confidence, minimum)
        if self.confirmed is None:
            return assured
        place = np.minimum(np.searchsorted(self.alike, alike), len(self.alike) - 1)
        is_confirmed = (self.alike[place] == alike) & (alike >= 0) & (self.n[place] >= _ENOUGH)
        corrected = _corrected(confidence, self.wrong[place], self.expected[place])
        of_confirmed = set_precision((self.confirmed,), corrected, minimum)
        return np.where(is_confirmed, of_confirmed, assured)


def bound_newcomers(part: HeldOut) -> NewcomerBound | None:
    """Bound what the newcomers of a group show; None with too few of them.

    The witness numbers those who are alike; it is negative without a cost center.
    """
    unconfirmed = bound_precision(part, _ERRORS, together=_ERRORS_TOGETHER)
    if unconfirmed is None:
        return None
    alike, place, n = np.unique(part.witness, return_inverse=True, return_counts=True)
    is_wrong, doubt = (~part.is_right).astype(np.float64), 1 - part.confidence
    wrong = np.bincount(place, weights=is_wrong).astype(np.float64)
    expected = np.bincount(place, weights=doubt).astype(np.float64)
    # Nobody confirms the own answer.
    corrected = _corrected(part.confidence, wrong[place] - is_wrong, expected[place] - doubt)
    corrected = np.where(part.confidence >= MIN_CONFIDENCE, corrected, 0.0)
    asked = (n[place] > _ENOUGH) & (part.witness >= 0)
    others = HeldOut(corrected[asked], part.is_right[asked], place[asked])
    confirmed = bound_precision(others, _ERRORS, together=_ERRORS_TOGETHER)
    return NewcomerBound(unconfirmed, confirmed, alike, n, wrong, expected)


def _corrected(confidence: Floats, wrong: Floats, expected: Floats) -> Floats:
    """Return the confidence after more or fewer were wrong than expected."""
    times = (_ERRORS_BEFORE + wrong) / (_ERRORS_BEFORE + expected)
    return np.clip(1 - (1 - confidence) * times, 0.0, 1.0)
