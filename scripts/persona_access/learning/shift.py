"""Find cost centers whose code was given to another unit since the known people were seen."""

from __future__ import annotations

import numpy as np

from persona_access.learning.observations import (
    COST_CENTER,
    DEPARTMENT,
    JOB_TITLE,
    Floats,
    Ints,
    Observations,
)

# Fewer people prove nothing of their unit.
_MIN_PEOPLE = 8
# A code belongs to others when so little is left of what its people have in common with before,
# as a share of what as many people drawn from before would have.
_LEFT = 0.35
_DRAWS = 20
_TELLING = (DEPARTMENT, JOB_TITLE)


def reused_centers(people: Observations) -> Ints:
    """Return the codes of cost centers that the newest headcount fills with other work.

    Departments and titles are compared; where one of them is as it was, the unit is the same.
    """
    telling = [name for name in _TELLING if name in people.attributes]
    center = people.attributes.index(COST_CENTER)
    if not telling or not len(people.profiles):
        return np.zeros(0, dtype=np.int64)
    found = []
    for code in np.unique(people.codes[:, center]):
        before = people.codes[people.codes[:, center] == code]
        now = people.profiles[people.profiles[:, center] == code]
        if code < 0 or min(len(before), len(now)) < _MIN_PEOPLE:
            continue
        positions = [people.attributes.index(name) for name in telling]
        if all(_left(before[:, at], now[:, at]) < _LEFT for at in positions):
            found.append(code)
    return np.array(found, dtype=np.int64)


def _left(before: Ints, now: Ints) -> float:
    """Return what two sets of values share, of what chance would let them share."""
    before, now = before[before >= 0], now[now >= 0]
    if min(len(before), len(now)) < _MIN_PEOPLE:
        return 1.0
    values = np.unique(np.concatenate([before, now]))
    was, is_now = (
        np.bincount(np.searchsorted(values, part), minlength=len(values)) / len(part)
        for part in (before, now)
    )
    draws = np.random.default_rng(0).multinomial(len(now), was, size=_DRAWS) / len(now)
    expected = float(np.mean([_common(was, draw) for draw in draws]))
    return _common(was, is_now) / expected if expected else 1.0


def _common(one: Floats, other: Floats) -> float:
    return float(np.minimum(one, other).sum())
