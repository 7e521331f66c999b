"""The kinds of key that a mapping row can look at, most specific first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from persona_access.learning.evidence import Evidence, Key, full_key
from persona_access.learning.observations import (
    ATTRIBUTES,
    COST_CENTER,
    COST_CENTER_PREFIX,
    DEPARTMENT,
    JOB_TITLE,
    MANAGEMENT_LEVEL,
    WORKER_TYPE,
    Bools,
    Ints,
)

# Below this many known people a cost center says too little to be combined with a level that
# nobody there holds.
MIN_COST_CENTER_SUPPORT = 3
# Rows of other combinations, and of a job title, which comes before them all, rest on at least this
# many people; fewer would be noise to review.
MIN_SUPPORT = 3
# What a cost center nearly always has, it is taken to have where the key does not say.
_COMPLETED = (DEPARTMENT, WORKER_TYPE)
_COMPLETED_SHARE = 0.8

_KINDS: tuple[Key, ...] = (
    (MANAGEMENT_LEVEL, COST_CENTER, JOB_TITLE),
    (COST_CENTER, JOB_TITLE),
    (MANAGEMENT_LEVEL, DEPARTMENT, JOB_TITLE),
    (DEPARTMENT, JOB_TITLE),
    (MANAGEMENT_LEVEL, JOB_TITLE),
    (JOB_TITLE,),
    (MANAGEMENT_LEVEL, COST_CENTER, DEPARTMENT),
    (MANAGEMENT_LEVEL, COST_CENTER),
    (MANAGEMENT_LEVEL, COST_CENTER_PREFIX, DEPARTMENT),
    (MANAGEMENT_LEVEL, DEPARTMENT, WORKER_TYPE),
    (MANAGEMENT_LEVEL, COST_CENTER_PREFIX),
    (MANAGEMENT_LEVEL, DEPARTMENT),
    (COST_CENTER,),
    (COST_CENTER_PREFIX,),
    (DEPARTMENT,),
    (MANAGEMENT_LEVEL,),
)


_FIRST_WITHOUT_TITLE: Key = (MANAGEMENT_LEVEL, COST_CENTER, DEPARTMENT)


def kinds(attributes: tuple[str, ...]) -> list[Key]:
    """List the kinds of key that these attributes allow; the position is the rank."""
    own = [name for name in attributes if name not in ATTRIBUTES]
    allowed = [kind for kind in _with_own(own) if set(kind) <= set(attributes)]
    full = full_key(attributes)
    return allowed if full in allowed else [full, *allowed]


def _with_own(own: Sequence[str]) -> list[Key]:
    """Add keys with the bank's own attributes, above those that say less."""
    kinds: list[Key] = []
    for kind in _KINDS:
        if kind == _FIRST_WITHOUT_TITLE:
            kinds += [(MANAGEMENT_LEVEL, COST_CENTER, name) for name in own]
            kinds += [(COST_CENTER, name) for name in own]
        if kind == (DEPARTMENT,):
            kinds += [(name,) for name in own]
        kinds.append(kind)
    return kinds


def first_known(evidence: Evidence, codes: Ints) -> Ints:
    """Find for each query the first kind with a row: its position in kinds(), -1 for none."""
    found = np.full(len(codes), -1, dtype=np.int64)
    for rank, kind in enumerate(kinds(evidence.attributes)):
        open_queries = found < 0
        found[open_queries & has_row(evidence, kind, codes)] = rank
    return found


def has_row(evidence: Evidence, kind: Key, codes: Ints) -> Bools:
    """Say for each query whether a row of this kind exists.

    Management level x cost center always answers: also for pairs that one person holds, and for
    pairs that nobody holds where the level and enough people of the cost center are known.
    """
    support = evidence.support(kind, codes)
    if kind != (MANAGEMENT_LEVEL, COST_CENTER):
        return support >= (1 if len(kind) == 1 and kind != (JOB_TITLE,) else MIN_SUPPORT)
    is_level_seen = evidence.support((MANAGEMENT_LEVEL,), codes) > 0
    is_center_known = evidence.support((COST_CENTER,), codes) >= MIN_COST_CENTER_SUPPORT
    return (support > 0) | (is_level_seen & is_center_known)


def asked(evidence: Evidence, kind: Key, codes: Ints) -> Ints:
    """Reduce queries to what a row of this kind knows: its attributes and what they imply."""
    reduced = np.full_like(codes, -1)
    for name in kind:
        position = evidence.attributes.index(name)
        reduced[:, position] = codes[:, position]
    if COST_CENTER in kind:
        for name in (COST_CENTER_PREFIX, *_COMPLETED):
            if name in evidence.attributes and name not in kind:
                share = 0.0 if name == COST_CENTER_PREFIX else _COMPLETED_SHARE
                position = evidence.attributes.index(name)
                reduced[:, position] = evidence.implied(name, codes, share)
    return reduced
