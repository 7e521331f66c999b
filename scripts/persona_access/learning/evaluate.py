"""Measure trainings on people they have not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from persona_access.learning.apply import Lookup
from persona_access.learning.learn import fit
from persona_access.learning.observations import (
    COST_CENTER,
    HIRED,
    MANAGER,
    SEEN,
    Bools,
    Floats,
    Row,
)
from persona_access.learning.read import (
    FIRST_DATE,
    HIRE_DATE,
    PERSONAS,
    TEXT_COLUMNS,
    arrived,
    known_people,
    own_attributes,
)
from persona_access.learning.rows import MappingRow, tabulate
from persona_access.learning.shift import Limits
from persona_access.learning.simulate import fold_of

# One of this many parts is held out, or, of the newest to join, this share.
PARTS = 5
_JOINERS = 1 / 6
CURVE_PRECISIONS = (0.99, 0.98, 0.97, 0.95, 0.92, 0.90, 0.85, 0.80)
MIN_TENTH = 100
# A confidence that no answer reaches.
NEVER = 1.01
UNSEEN = {COST_CENTER: "cost centers never seen", MANAGER: "managers never seen"}


@dataclass(frozen=True)
class Answer:
    """The answer for a person held out, and the truth."""

    personas: tuple[str, ...]
    row: MappingRow | None
    # The precision assured to answers as sure as this one; 0 without one.
    assured_precision: float
    is_newcomer: bool

    @property
    def confidence(self) -> float:
        """Return the confidence of the answer; 0 without one."""
        return self.row.confidences[0] if self.row else 0.0

    @property
    def group(self) -> str:
        """Return the assurance group of the person and the answer; empty without one."""
        group = self.row.group if self.row else ""
        return f"newcomers, {group}" if group and self.is_newcomer else group

    @property
    def is_right(self) -> bool:
        """Return whether the person holds the predicted persona."""
        return self.row is not None and self.row.personas[0] in self.personas


@dataclass(frozen=True)
class Split:
    """A way of holding people out: the rows to learn from and the rows to predict."""

    name: str
    known: list[Row]
    strangers: list[Row]


def at_random(rows: Sequence[Row], parts: int, salt: str) -> Split:
    """Hold out one part of the people."""
    held_out = fold_of((row[0] for row in rows), parts, f"evaluate {salt}") == 0
    return _split("random hold-out", rows, held_out)


def unseen(rows: Sequence[Row], parts: int, salt: str, attribute: str) -> Split:
    """Hold out all people of one part of the cost centers, or of the managers."""
    position = 1 + TEXT_COLUMNS.index(attribute)
    values = [row[position] or "" for row in rows]
    held_out = fold_of(values, parts, f"evaluate {salt}") == 0
    held_out &= np.array([bool(value) for value in values])
    return _split(UNSEEN[attribute], rows, held_out)


def newest_joiners(rows: Sequence[Row]) -> Split | None:
    """Hold out the newest joiners; None if HR sends no hire dates."""
    dates = sorted(row[HIRE_DATE] for row in rows if row[HIRE_DATE])
    if len(dates) < len(rows) / 2:
        return None
    newest = dates[int(len(dates) * (1 - _JOINERS))]
    held_out = np.array([bool(row[HIRE_DATE]) and row[HIRE_DATE] > newest for row in rows])
    return _split("newest joiners", rows, held_out)


def following_week(known: list[Row], later: list[Row], week: object) -> Split:
    """Hold out people who are first seen, or first have these attributes, in the following week."""
    seen: dict[str, object] = {}
    for row in sorted(later, key=lambda row: row[FIRST_DATE], reverse=True):
        seen[row[0]] = row[FIRST_DATE]
    strangers = [
        (*row[:FIRST_DATE], seen[row[0]], *row[FIRST_DATE + 1 :])
        for row in later
        if row[FIRST_DATE] == week
    ]
    return Split("following week", known, strangers)


def _split(name: str, rows: Sequence[Row], held_out: Bools) -> Split:
    pairs = list(zip(rows, held_out.tolist(), strict=True))
    return Split(
        name=name,
        known=[row for row, is_out in pairs if not is_out],
        strangers=[row for row, is_out in pairs if is_out],
    )


def measure(
    split: Split,
    minimum: float,
    limits: Limits,
    ignored: frozenset[str] = frozenset(),
    *,
    is_seen: bool = True,
) -> list[Answer]:
    """Train on known people and predict the held-out people from the rows that would be written.

    With `is_seen`, the headcount of the training contains the held-out people without personas.
    """
    headcount = [in_headcount(row) for row in split.strangers] if is_seen else []
    known = known_people([*split.known, *headcount], ignored)
    model = fit(known.people, limits)
    newcomers = replace(model.newcomers, learned_until=known.last_date.isoformat())
    lookup = Lookup.of(tabulate(model, known.people, minimum), newcomers)
    answers = []
    for row in split.strangers:
        person = dict(zip(TEXT_COLUMNS, row[1:PERSONAS], strict=True))
        person |= own_attributes(row[-1]) | arrived(row)
        found = lookup.answer(person)
        answers.append(
            Answer(
                tuple(row[PERSONAS]),
                found,
                lookup.assured(found, person),
                lookup.newcomers.are(person[HIRED], person[SEEN]),
            )
        )
    return answers


def in_headcount(row: Row) -> Row:
    """Return the attributes of a person from the headcount alone."""
    return (*row[:PERSONAS], None, *row[PERSONAS + 1 :])


def lowest_safe(confidence: Floats, is_right: Bools, precision: float) -> float:
    """Return the lowest confidence at which this share of answers is right; NEVER if none."""
    order = np.argsort(-confidence, kind="stable")
    share = is_right[order].cumsum() / np.arange(1, len(order) + 1)
    ranked = confidence[order]
    is_last_of_ties = np.append(ranked[1:] != ranked[:-1], True)
    kept = np.flatnonzero((share >= precision) & is_last_of_ties)
    return float(ranked[kept[-1]]) if len(kept) else NEVER


@dataclass(frozen=True)
class Tenth:
    """Answers within one tenth of confidence: the confidence and the share that is right."""

    lower: float
    n: int
    said: float
    so: float


@dataclass(frozen=True)
class PersonaScore:
    """Results of one persona among people held out, at full coverage and when assigned."""

    persona_id: str
    holders: int
    answered: int
    right: int
    assigned: int
    assigned_right: int


@dataclass(frozen=True)
class GroupScore:
    """The people of one assurance group who are assigned: the precision assured and delivered."""

    group: str
    people: int
    assigned: int
    assured: float
    right: float


@dataclass(frozen=True)
class Measures:
    """The figures of one way of holding out. Shares are of all strangers."""

    name: str
    n_strangers: int
    accuracy: float
    minimum: float
    assigned_share: float
    assigned_precision: float | None
    # (precision, confidence needed, coverage), chosen in hindsight: this measures how well the
    # confidences sort the answers, not what can be assured.
    curve: list[tuple[float, float, float]]
    tenths: list[Tenth]
    personas: list[PersonaScore]
    groups: list[GroupScore]


def summarise(name: str, answers: Sequence[Answer], minimum: float) -> Measures:
    """Summarise the answers of one way of holding out; `minimum` is the precision to assign at."""
    confidence = np.array([answer.confidence for answer in answers])
    is_right = np.array([answer.is_right for answer in answers], dtype=np.bool_)
    is_assigned = np.array([answer.assured_precision for answer in answers]) >= minimum
    curve = []
    for precision in CURVE_PRECISIONS:
        needed = lowest_safe(confidence, is_right, precision)
        curve.append((precision, needed, float((confidence >= needed).mean())))
    return Measures(
        name=name,
        n_strangers=len(answers),
        accuracy=float(is_right.mean()),
        minimum=minimum,
        assigned_share=float(is_assigned.mean()),
        assigned_precision=_share(is_right[is_assigned]),
        curve=curve,
        tenths=_tenths(confidence, is_right),
        personas=_by_persona(answers, minimum),
        groups=_by_group(answers, minimum),
    )


def _share(is_right: Bools) -> float | None:
    return float(is_right.mean()) if len(is_right) else None


def _tenths(confidence: Floats, is_right: Bools) -> list[Tenth]:
    tenth = np.minimum((confidence * 10).astype(int), 9)
    return [
        Tenth(
            lower=number / 10,
            n=int((tenth == number).sum()),
            said=float(confidence[tenth == number].mean()),
            so=float(is_right[tenth == number].mean()),
        )
        for number in range(10)
        if (tenth == number).any()
    ]


def _by_group(answers: Sequence[Answer], minimum: float) -> list[GroupScore]:
    """Measure each group that assigns; the largest first."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(answer.group, []).append(answer)
    scores = []
    for group, everybody in groups.items():
        assigned = [answer for answer in everybody if answer.assured_precision >= minimum]
        if assigned:
            assured = sum(answer.assured_precision for answer in assigned) / len(assigned)
            right = sum(answer.is_right for answer in assigned) / len(assigned)
            scores.append(GroupScore(group, len(everybody), len(assigned), assured, right))
    return sorted(scores, key=lambda score: (-score.assigned, score.group))


def _by_persona(answers: Sequence[Answer], minimum: float) -> list[PersonaScore]:
    holders, answered, right, assigned, assigned_right = (Counter[str]() for _ in range(5))
    for answer in answers:
        holders.update(answer.personas)
        if answer.row is None:
            continue
        persona = answer.row.personas[0]
        answered[persona] += 1
        right[persona] += answer.is_right
        if answer.assured_precision >= minimum:
            assigned[persona] += 1
            assigned_right[persona] += answer.is_right
    scores = [
        PersonaScore(
            persona_id=persona,
            holders=holders[persona],
            answered=answered[persona],
            right=right[persona],
            assigned=assigned[persona],
            assigned_right=assigned_right[persona],
        )
        for persona in sorted(holders | answered)
    ]
    return sorted(scores, key=lambda score: (-score.holders, score.persona_id))
