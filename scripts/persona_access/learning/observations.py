"""Known people: what HR says of them and the personas they hold, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from persona_access.learning.titles import Wordings, wordings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]

MANAGEMENT_LEVEL = "management_level"
COST_CENTER = "cost_center"
COST_CENTER_PREFIX = "cost_center_prefix"
DEPARTMENT = "department"
JOB_TITLE = "job_title"
WORKER_TYPE = "worker_type"
MANAGER = "manager_brid"
# The values of a look-up in addition to the attributes: ISO dates.
HIRED, SEEN = "hire_date", "first_seen_date"
# What a manager implies; no row looks at them by themselves.
MANAGER_ABOVE, MANAGER_PERSONA = "manager_above", "manager_persona"
MANAGER_OVER = "manager_over"
# What a job title implies: the words that stand for it.
USUAL_TITLE = "usual_title"
# The order of the seed's columns, and of the attributes in `looks_at`.
ATTRIBUTES = (
    MANAGEMENT_LEVEL,
    COST_CENTER,
    COST_CENTER_PREFIX,
    DEPARTMENT,
    JOB_TITLE,
    WORKER_TYPE,
    MANAGER,
)

# A known person as read: brid, the attributes that HR may send, personas held, hire date, first
# and last extract date seen, and the bank's own attributes as JSON.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Observations:
    """Known people, one row each distinct set of attribute values that a person was seen with.

    `codes` is people x attributes; -1 stands for an empty value, and `values[a][code]` is the value
    in lower case. `held` is people x personas, 1 where the person holds the persona.
    `hire_day` counts days since 1970-01-01, NaN where HR does not say. `first_day` is the first
    extract date on which the person was seen with the attributes, counted in the same way.
    `weight` is how many people the row counts for; `manager_above` holds the code of the manager
    of each manager, `manager_over` how many of their people lead people themselves: none (0), some
    (1), or half of them (2). `profiles` are the codes of everybody in the newest headcount,
    `is_stranger` says whose persona nobody knows, `prefixes` are the codes of the prefix of each
    cost center. `wordings` compares the job titles; None without any.
    """

    brids: Texts
    attributes: tuple[str, ...]
    codes: Ints
    values: tuple[tuple[str, ...], ...]
    personas: tuple[str, ...]
    held: sparse.csr_array
    hire_day: Floats
    first_day: Floats
    weight: Floats
    manager_above: Ints
    manager_over: Ints
    profiles: Ints
    is_stranger: Bools
    prefixes: Ints
    wordings: Wordings | None

    def __len__(self) -> int:
        return len(self.brids)

    def only(self, rows: Ints | Bools) -> Observations:
        """Return some of the rows; codes and personas keep their numbers."""
        return Observations(
            brids=self.brids[rows],
            attributes=self.attributes,
            codes=self.codes[rows],
            values=self.values,
            personas=self.personas,
            held=self.held[rows],
            hire_day=self.hire_day[rows],
            first_day=self.first_day[rows],
            weight=self.weight[rows],
            manager_above=self.manager_above,
            manager_over=self.manager_over,
            profiles=self.profiles,
            is_stranger=self.is_stranger,
            prefixes=self.prefixes,
            wordings=self.wordings,
        )

    def holds(self, rows: Ints, personas: Ints) -> Bools:
        """Return for each row whether the person there holds the persona given for it."""
        return entries(self.held, rows, personas) > 0

    def column(self, attribute: str) -> Ints:
        """Return the codes of one attribute."""
        return self.codes[:, self.attributes.index(attribute)]


def entries(matrix: sparse.csr_array, rows: Ints, columns: Ints) -> Floats:
    """Read single entries of a sparse matrix."""
    if not len(rows):  # scipy returns a sparse array here, and a dense one otherwise
        return np.zeros(0)
    return np.asarray(matrix[rows, columns])


def encode(
    brids: list[str],
    columns: dict[str, list[str | None]],
    personas_held: list[list[str]],
    hire_day: list[float],
    first_day: list[float],
    *,
    headcount: dict[str, list[str | None]],
    headcount_brids: list[str],
    manager_of: dict[str, str],
) -> Observations:
    """Turn texts into codes; codes and persona numbers follow the alphabet, so order is stable.

    `headcount` holds the same columns of everybody in the newest headcount, `manager_of` the
    manager of each BRID.
    """
    own = sorted(set(columns) - set(ATTRIBUTES))
    attributes = (*(name for name in ATTRIBUTES if name in columns), *own)
    n, n_headcount = len(brids), len(next(iter(headcount.values()), []))
    codes = np.full((n + n_headcount, len(attributes)), -1, dtype=np.int64)
    values: list[tuple[str, ...]] = []
    for position, name in enumerate(attributes):
        texts = columns[name] + headcount[name]
        known = sorted({value for value in texts if value})
        number = {value: code for code, value in enumerate(known)}
        codes[:, position] = [number[value] if value else -1 for value in texts]
        values.append(tuple(known))
    personas = tuple(sorted({persona for held in personas_held for persona in held}))
    number = {persona: code for code, persona in enumerate(personas)}
    pairs = sorted(
        {(row, number[persona]) for row, held in enumerate(personas_held) for persona in held}
    )
    rows, cols = (np.array(part, dtype=np.int64) for part in zip(*pairs, strict=True))
    managers = values[attributes.index(MANAGER)] if MANAGER in attributes else ()
    compared = None
    if JOB_TITLE in attributes:
        compared = wordings(values[attributes.index(JOB_TITLE)])
    above = {name: code for code, name in enumerate(managers)}
    return Observations(
        brids=np.array(brids),
        attributes=attributes,
        codes=codes[:n],
        values=tuple(values),
        personas=personas,
        held=sparse.csr_array((np.ones(len(rows)), (rows, cols)), shape=(n, len(personas))),
        hire_day=np.array(hire_day, dtype=np.float64),
        first_day=np.array(first_day, dtype=np.float64),
        weight=np.ones(n),
        manager_above=np.array(
            [above.get(manager_of.get(name, ""), -1) for name in managers], dtype=np.int64
        ),
        manager_over=_over(above, manager_of),
        profiles=codes[n:],
        is_stranger=~np.isin(np.array(headcount_brids, dtype=np.str_), np.array(brids)),
        prefixes=_implied(codes, attributes, COST_CENTER, COST_CENTER_PREFIX),
        wordings=compared,
    )


def _over(number: dict[str, int], manager_of: dict[str, str]) -> Ints:
    """Rate each manager: 2 if at least half of their people lead people, 1 if fewer, 0 if none."""
    people, leads = np.zeros((2, len(number)))
    for name, manager in manager_of.items():
        if name != manager and manager in number:
            people[number[manager]] += 1
            leads[number[manager]] += name in number
    return np.where(2 * leads >= people, 2, 1) * (leads > 0)


def _implied(codes: Ints, attributes: tuple[str, ...], given: str, implied: str) -> Ints:
    """Return the code that each code of one attribute implies of another; -1 for none."""
    if implied not in attributes:
        return np.zeros(0, dtype=np.int64)
    keys, values = (codes[:, attributes.index(name)] for name in (given, implied))
    found = np.full(keys.max(initial=-1) + 1, -1, dtype=np.int64)
    found[keys[keys >= 0]] = values[keys >= 0]
    return found
