"""The kinds of key that a mapping row can use, most specific first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from persona_access.learning.evidence import Evidence, Key, Ladder, full_key
from persona_access.learning.observations import (
    ATTRIBUTES,
    COST_CENTER,
    COST_CENTER_PREFIX,
    DEPARTMENT,
    JOB_TITLE,
    MANAGEMENT_LEVEL,
    MANAGER,
    WORKER_TYPE,
    Bools,
    Ints,
    Observations,
)

PAIR: Key = (MANAGEMENT_LEVEL, COST_CENTER)
# A profile with empty values has its own kind if this many people have the same ones empty.
MIN_PROFILES_SHARE = 0.01
MOST_PROFILE_KINDS = 8
_FEWEST_OF_A_PROFILE = 2
# Nearly every known person has a unique profile, and few joiners will have the same.
MIN_SUPPORT_OF_PROFILE = 3

_KINDS: tuple[Key, ...] = (
    (COST_CENTER, JOB_TITLE, MANAGER),
    (MANAGEMENT_LEVEL, COST_CENTER, JOB_TITLE),
    (JOB_TITLE, MANAGER),
    (COST_CENTER, JOB_TITLE),
    (MANAGEMENT_LEVEL, DEPARTMENT, JOB_TITLE),
    (DEPARTMENT, JOB_TITLE),
    (MANAGEMENT_LEVEL, JOB_TITLE),
    (JOB_TITLE,),
    (MANAGEMENT_LEVEL, COST_CENTER, MANAGER),
    (COST_CENTER, MANAGER),
    (MANAGEMENT_LEVEL, MANAGER),
    (MANAGER,),
    (MANAGEMENT_LEVEL, COST_CENTER, DEPARTMENT),
    PAIR,
    (MANAGEMENT_LEVEL, COST_CENTER_PREFIX, DEPARTMENT),
    (MANAGEMENT_LEVEL, DEPARTMENT, WORKER_TYPE),
    (MANAGEMENT_LEVEL, COST_CENTER_PREFIX),
    (MANAGEMENT_LEVEL, DEPARTMENT),
    (COST_CENTER,),
    (COST_CENTER_PREFIX,),
    (DEPARTMENT,),
    (MANAGEMENT_LEVEL,),
)

_FIRST_WITHOUT_TITLE: Key = (MANAGEMENT_LEVEL, COST_CENTER, MANAGER)


def ladder_of(people: Observations) -> Ladder:
    """List the kinds of key for these people; the position is the rank.

    Whole profiles come first; the others are for people who are not yet in a headcount.
    """
    own = [name for name in people.attributes if name not in ATTRIBUTES]
    profiles = profile_kinds(people)
    allowed = (kind for kind in _with_own(own) if set(kind) <= set(people.attributes))
    others = (kind for kind in allowed if kind not in profiles)
    return Ladder((*profiles, *others), len(profiles))


def profile_kinds(people: Observations) -> tuple[Key, ...]:
    """List the profiles of people: all attributes, and the sets that some people leave empty."""
    full = full_key(people.attributes)
    columns = [people.attributes.index(name) for name in full]
    filled, n = np.unique(people.profiles[:, columns] >= 0, axis=0, return_counts=True)
    sets = [
        (int(count), tuple(name for name, has in zip(full, row, strict=True) if has))
        for row, count in zip(filled.tolist(), n.tolist(), strict=True)
        if count >= MIN_PROFILES_SHARE * len(people.profiles)
    ]
    common = sorted(sets, key=lambda each: (-each[0], each[1]))[:MOST_PROFILE_KINDS]
    found = {kind for _, kind in common if len(kind) >= _FEWEST_OF_A_PROFILE} | {full}
    return tuple(sorted(found, key=lambda kind: (-len(kind), kind)))


def _with_own(own: Sequence[str]) -> list[Key]:
    """Add keys with the bank's own attributes, above less specific keys."""
    kinds: list[Key] = []
    for kind in _KINDS:
        if kind == (MANAGEMENT_LEVEL, DEPARTMENT, JOB_TITLE):
            kinds += [(JOB_TITLE, name) for name in own]
        if kind == _FIRST_WITHOUT_TITLE:
            kinds += [(MANAGEMENT_LEVEL, COST_CENTER, name) for name in own]
            kinds += [(COST_CENTER, name) for name in own]
        if kind == (DEPARTMENT,):
            kinds += [(name,) for name in own]
        kinds.append(kind)
    return kinds


def first_known(evidence: Evidence, codes: Ints) -> Ints:
    """Find for each query the first kind with a row: its position among the kinds, -1 for none."""
    found = np.full(len(codes), -1, dtype=np.int64)
    for rank, kind in enumerate(evidence.ladder.kinds):
        open_queries = np.flatnonzero(found < 0)
        is_profile = rank < evidence.ladder.n_profiles
        has = has_row(evidence, kind, codes[open_queries], is_profile=is_profile)
        found[open_queries[has]] = rank
    return found


def has_row(evidence: Evidence, kind: Key, codes: Ints, *, is_profile: bool) -> Bools:
    """Return for each query whether a row of this kind exists: a known person has these values.

    For a person who joins later, a profile has a row if at least three known people have it.
    Management level x cost center also answers for pairs that no known person has, from its parts.
    """
    if kind != PAIR:
        return evidence.support(kind, codes) >= (MIN_SUPPORT_OF_PROFILE if is_profile else 1)
    parts = [evidence.support((name,), codes) > 0 for name in PAIR]
    return np.asarray(parts[0] & parts[1])


def asked(evidence: Evidence, kind: Key, codes: Ints) -> Ints:
    """Reduce queries to the values that a row of this kind has: its attributes, and the prefix."""
    reduced = np.full_like(codes, -1)
    for name in kind:
        position = evidence.attributes.index(name)
        reduced[:, position] = codes[:, position]
    if COST_CENTER in kind and COST_CENTER_PREFIX in evidence.attributes:
        center = codes[:, evidence.attributes.index(COST_CENTER)]
        position = evidence.attributes.index(COST_CENTER_PREFIX)
        reduced[:, position] = np.append(evidence.prefixes, -1)[center]
    return reduced
