"""The precision that can be assured for all answers of a group above a threshold.

A confidence belongs to one answer. Before you assign all answers above a confidence, you need to
know how many of them are right. People held out in several ways show that share, group by group,
and the worst way counts: a group that is certain must not compensate for another that guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from persona_access.learning.bounds import (
    HeldOut,
    PrecisionBound,
    bound_precision,
    set_precision,
)
from persona_access.learning.newcomer_bounds import NewcomerBound, bound_newcomers
from persona_access.learning.observations import Bools, Floats, Ints

# The margin beyond chance, in standard errors. It is larger if people are right or wrong together,
# as under one manager.
_ERRORS, _ERRORS_TOGETHER = 0.7, 1.0
NEWCOMERS = "newcomers"
# A way of holding out counts separately from this share of a group's people.
_FAIR_PART = 0.2


@dataclass(frozen=True)
class Assurance:
    """The bounds of each group, one for each relevant way of holding out; newcomers apart."""

    groups: dict[int, tuple[PrecisionBound, ...]]
    newcomers: dict[int, NewcomerBound]

    def tests(self, group: Ints) -> Bools:
        """Return for each group whether enough of its people were held out."""
        return np.isin(group, list(self.groups))

    def precision(self, confidence: Floats, group: Ints, minimum: float) -> Floats:
        """Return the precision that all ways assure; 0 for guesses and untested groups."""
        assured = np.zeros(len(confidence))
        for number, bounds in self.groups.items():
            rows = group == number
            assured[rows] = set_precision(bounds, confidence[rows], minimum)
        return assured

    def precision_of_newcomers(
        self, confidence: Floats, group: Ints, alike: Ints, minimum: float
    ) -> Floats:
        """Return the precision for newcomers: no more than for everybody, 0 if none were tested.

        `alike` numbers the answers by persona and cost center, as in the witnesses of newcomers.
        """
        assured = np.zeros(len(confidence))
        for number, bound in self.newcomers.items():
            rows = group == number
            assured[rows] = bound.precision(confidence[rows], alike[rows], minimum)
        return np.minimum(assured, self.precision(confidence, group, minimum))


def assure(ways: Mapping[str, tuple[HeldOut, Ints]]) -> Assurance:
    """Measure the precision assured to each group; each way has the groups of its answers.

    A group is assured the precision that all its held-out people confirm together, and no more than
    each way by which a fair part of them was held out: a few people of another way prove nothing
    alone.
    """
    parts: dict[int, list[HeldOut]] = {}
    newcomers: dict[int, NewcomerBound] = {}
    for name, (way, group) in ways.items():
        for number in np.unique(group).tolist():
            rows = group == number
            part = HeldOut(way.confidence[rows], way.is_right[rows], way.witness[rows])
            if name != NEWCOMERS:
                parts.setdefault(number, []).append(part)
            elif bound := bound_newcomers(part):
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
