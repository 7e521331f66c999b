"""Compare cost centers with the time of the training, and find codes that now have other people.

The mix of departments and titles of each cost center is written beside the mappings, rounded to
tenths, so that every week can be compared with it (int_reorganised_cost_centers, by the same rule).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from persona_access.base.project_check import read_project_vars
from persona_access.base.settings import Settings
from persona_access.learning.observations import (
    COST_CENTER,
    DEPARTMENT,
    JOB_TITLE,
    Ints,
    Observations,
)

_TELLING = (DEPARTMENT, JOB_TITLE)


@dataclass(frozen=True)
class Limits:
    """When a code belongs to other people: the var reorganised_cost_center.

    Fewer people prove nothing about their unit, nor does a mix that is mostly values of a few
    people; the code belongs to others if at most this share of the mix is left.
    """

    min_people: int
    min_recorded_percent: int
    max_left_percent: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Read the var of the project, as the models use it."""
        return cls(**read_project_vars(settings)["reorganised_cost_center"])


@dataclass(frozen=True)
class Mix:
    """One value of a cost center: the share of its known people who have it, in tenths."""

    cost_center: str
    attribute_name: str
    attribute_value: str
    share_percent: int


def mixes_of(people: Observations, limits: Limits) -> list[Mix]:
    """Record the mix of each cost center; values of fewer than one in twenty are left out."""
    centers = people.values[_at(people, COST_CENTER)]
    found = []
    for name in _telling(people):
        values = people.values[_at(people, name)]
        for code, part in _by_center(people, people.codes, name):
            if len(part) < limits.min_people:
                continue
            value, n = np.unique(part, return_counts=True)
            percent = 10 * ((20 * n + len(part)) // (2 * len(part)))
            found += [
                Mix(centers[code], name, values[at], share)
                for at, share in zip(value.tolist(), percent.tolist(), strict=True)
                if share
            ]
    return sorted(found, key=lambda mix: (mix.cost_center, mix.attribute_name, mix.attribute_value))


def reused_centers(people: Observations, mixes: list[Mix], limits: Limits) -> Ints:
    """Return the codes of cost centers that have other people in the newest headcount.

    `mixes` are those of the same people. Departments and titles are compared; if one of them is
    unchanged, the unit is the same.
    """
    centers = {name: at for at, name in enumerate(people.values[_at(people, COST_CENTER)])}
    recorded: dict[tuple[int, str], list[Mix]] = {}
    for mix in mixes:
        recorded.setdefault((centers[mix.cost_center], mix.attribute_name), []).append(mix)
    verdicts: dict[int, list[bool]] = {}
    for name in _telling(people):
        values = people.values[_at(people, name)]
        for code, part in _by_center(people, people.profiles, name):
            then = recorded.get((code, name), [])
            total = sum(each.share_percent for each in then)
            if len(part) < limits.min_people or total < limits.min_recorded_percent:
                continue
            by_value = Counter(values[at] for at in part.tolist())
            left = sum(
                min(each.share_percent * len(part), 100 * by_value[each.attribute_value])
                for each in then
            )
            is_other = 100 * left < limits.max_left_percent * total * len(part)
            verdicts.setdefault(code, []).append(is_other)
    return np.array(sorted(code for code, each in verdicts.items() if all(each)), dtype=np.int64)


def _by_center(people: Observations, codes: Ints, name: str) -> list[tuple[int, Ints]]:
    """List the filled values of an attribute by cost center."""
    if not len(codes):
        return []
    center, value = codes[:, _at(people, COST_CENTER)], codes[:, _at(people, name)]
    is_filled = (center >= 0) & (value >= 0)
    center, value = center[is_filled], value[is_filled]
    order = np.argsort(center, kind="stable")
    code, starts = np.unique(center[order], return_index=True)
    return list(zip(code.tolist(), np.split(value[order], starts[1:]), strict=len(code) > 0))


def _telling(people: Observations) -> list[str]:
    return [name for name in _TELLING if name in people.attributes]


def _at(people: Observations, name: str) -> int:
    return people.attributes.index(name)
