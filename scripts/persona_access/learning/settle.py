"""Keep rows whose decision is unchanged as they are, and report which decisions changed.

A few more people change every figure a little. A reviewer of a training wants to see the rows that
decide differently, so a row keeps its figures while they are as good as the new ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from persona_access.learning.apply import Lookup
from persona_access.learning.rows import MappingRow

# The figures of a row stay while the new ones differ by no more: figures that assign are
# assurances.
_SAME_ASSURED = 0.015
_SAME_CONFIDENCE = 0.1
_SAME_SUPPORT = 0.25


@dataclass(frozen=True)
class Change:
    """A decision that changed: the change, the reason, and the number of people concerned."""

    kind: str
    persona_before: str | None
    persona_after: str | None
    looks_at: str
    key: str
    why: str = ""
    people: int = 0


STARTS, STOPS, CHANGES = "starts assigning", "stops assigning", "changes persona"


def settled(
    new: Sequence[MappingRow], standing: Sequence[MappingRow], minimum: float
) -> list[MappingRow]:
    """Return the new rows, each with its previous figures while these are as good."""
    by_id = {row.mapping_id: row for row in standing}
    return [
        old
        if (old := by_id.get(row.mapping_id)) is not None and _is_as_good(old, row, minimum)
        else row
        for row in new
    ]


def _is_as_good(old: MappingRow, new: MappingRow, minimum: float) -> bool:
    is_assigned = new.assured_precision >= minimum
    of_newcomers = abs(old.newcomer_precision - new.newcomer_precision)
    confidence = abs(old.confidences[0] - new.confidences[0])
    return (
        old.key_rank == new.key_rank
        and old.personas[0] == new.personas[0]
        and old.group == new.group
        and is_assigned == (old.assured_precision >= minimum)
        and (new.newcomer_precision >= minimum) == (old.newcomer_precision >= minimum)
        and (of_newcomers <= _SAME_ASSURED or new.newcomer_precision < minimum)
        and abs(old.support - new.support) <= 1 + _SAME_SUPPORT * old.support
        and (
            confidence <= _SAME_CONFIDENCE
            if not is_assigned
            else confidence <= 2 * _SAME_ASSURED
            and abs(old.assured_precision - new.assured_precision) <= _SAME_ASSURED
        )
    )


def changes(
    people: Iterable[Mapping[str, str | None]], before: Lookup, after: Lookup, minimum: float
) -> list[Change]:
    """Compare the assignments of people before and after, most people first."""
    found: Counter[Change] = Counter()
    why: dict[Change, str] = {}
    for person in people:
        old, new = before.answer(person), after.answer(person)
        was, now = (
            row.personas[0] if row and lookup.assured(row, person) >= minimum else None
            for lookup, row in ((before, old), (after, new))
        )
        if was == now:
            continue
        kind = STARTS if was is None else STOPS if now is None else CHANGES
        row = new or old
        if row is None:  # nobody answers: nothing changed
            continue
        change = Change(kind, was, now, row.looks_at, ", ".join(row.key.values()))
        found[change] += 1
        why.setdefault(change, _why(old, new))
    return [
        replace(change, why=why[change], people=n)
        for change, n in sorted(found.items(), key=lambda each: (-each[1], str(each[0])))
    ]


def _why(old: MappingRow | None, new: MappingRow | None) -> str:
    """Describe the change between two answers."""
    if new is None:
        return "no mapping now: none matches the person"
    if old is None:
        holders = (
            f"{new.hits:,} of {new.support:,} known people hold it"
            if new.support
            else "nobody known has these values together, so it is inferred from its parts"
        )
        return f"no mapping before; {holders}, assured precision {new.assured_precision:g}"
    parts = []
    if old.looks_at != new.looks_at:
        parts.append(f"was answered by {old.looks_at}")
    parts += [
        f"{name} {before:g} -> {after:g}"
        for name, before, after in (
            ("known people", old.support, new.support),
            ("confidence", old.confidences[0], new.confidences[0]),
            ("assured precision", old.assured_precision, new.assured_precision),
            ("that of newcomers", old.newcomer_precision, new.newcomer_precision),
        )
        if before != after
    ]
    return ", ".join(parts) or "same figures"


def summary(found: Sequence[Change]) -> str:
    """Count people by the change that concerns them."""
    n: Counter[str] = Counter()
    for change in found:
        n[change.kind] += change.people
    return (
        f"{n[STOPS]:,} people stop being assigned, {n[STARTS]:,} start, "
        f"{n[CHANGES]:,} change persona"
    )


def as_markdown(found: Sequence[Change], training_id: str) -> str:
    """Write the changed decisions as the page that a pull request shows."""
    lines = [
        f"# Decisions that training {training_id} changes",
        "",
        f"{summary(found)}; rows with the same decision are unchanged.",
    ]
    if found:
        lines += [
            "",
            (
                "If one is wrong for a person, reject it in persona_feedback.csv and train again, "
                "or name the right persona in persona_overrides.csv."
            ),
            "",
            "| people | what | persona before | persona after | looks at | values | why |",
            "|---|---|---|---|---|---|---|",
        ]
    for change in found:
        cells = (
            f"{change.people:,}",
            change.kind,
            change.persona_before or "",
            change.persona_after or "",
            change.looks_at,
            change.key,
            change.why,
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
