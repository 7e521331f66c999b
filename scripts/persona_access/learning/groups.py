"""Groups of answers with an assurance each, by visible properties of person and answer."""

from __future__ import annotations

import numpy as np

from persona_access.learning.evidence import Evidence
from persona_access.learning.observations import (
    COST_CENTER,
    JOB_TITLE,
    MANAGER,
    USUAL_TITLE,
    Bools,
    Ints,
)

# At most this many known people hold a rare title.
RARE = 2
# What is known about a value: not used; no known person has it; few have it; more have it; none has
# it, but somebody has one of the same words.
UNASKED, UNKNOWN, FEW, KNOWN, ALIKE = range(5)
_WORDS = {UNKNOWN: "unknown", FEW: "rare", KNOWN: "known", ALIKE: "like a known one"}
_LOOKED_AT = (JOB_TITLE, COST_CENTER, MANAGER)
_N_STATES = 5
N_GROUPS = 2 * _N_STATES ** len(_LOOKED_AT)


def group_of(evidence: Evidence, queries: Ints, *, is_profile: bool) -> Ints:
    """Return the number of each answer's group.

    `queries` are reduced to the attributes of the row. Only titles have a group for rare values:
    most answers rest on them.
    """
    group = np.full(len(queries), int(is_profile), dtype=np.int64)
    for name in _LOOKED_AT:
        state = np.full(len(queries), UNASKED, dtype=np.int64)
        if name in evidence.attributes:
            position = evidence.attributes.index(name)
            support = evidence.support((name,), queries)
            state = np.where(support == 0, UNKNOWN, KNOWN)
            if name == JOB_TITLE:
                state = np.where((support > 0) & (support <= RARE), FEW, state)
                is_alike = evidence.support((USUAL_TITLE,), queries) > 0
                state = np.where((support == 0) & is_alike, ALIKE, state)
            state = np.where(queries[:, position] < 0, UNASKED, state)
        group = group * _N_STATES + state
    return group


def is_place_known(group: Ints) -> Bools:
    """Return for each group whether the cost center is known, and the manager if there is one."""
    manager, center = group % _N_STATES, group // _N_STATES % _N_STATES
    return np.asarray((center == KNOWN) & (manager != UNKNOWN))


def words_of_group(group: int) -> str:
    """Describe a group."""
    words = []
    for name in reversed(_LOOKED_AT):
        group, state = divmod(group, _N_STATES)
        if state != UNASKED:
            words.append(f"{name.removesuffix('_brid').replace('_', ' ')} {_WORDS[state]}")
    whole = "whole profile" if group else "part of the profile"
    return ", ".join([whole, *reversed(words)])
