"""What people confirmed and rejected of learned personas, as the decisions say."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from persona_access.base.cleaning import clean_text
from persona_access.learning.observations import Observations, Row
from persona_access.learning.read import PERSONAS

FEEDBACK_FILE = "persona_feedback.csv"
# Somebody looked at a confirmed persona, where lists may be years old.
CONFIRMED_WEIGHT = 3.0


@dataclass(frozen=True)
class Feedback:
    """Personas that people confirmed and rejected, as pairs of BRID and persona."""

    confirmed: frozenset[tuple[str, str]] = frozenset()
    rejected: frozenset[tuple[str, str]] = frozenset()


def read_feedback(seeds: Path) -> Feedback:
    """Read the approved reviews of the folder of decisions; none where the seed is not there."""
    path = seeds / FEEDBACK_FILE
    if not path.exists():
        return Feedback()
    by_verdict: dict[str, set[tuple[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if clean_text(line["approved_by"]):
                pair = (_brid(line["brid"]), clean_text(line["persona_id"]) or "")
                verdict = (clean_text(line["verdict"]) or "").lower()
                by_verdict.setdefault(verdict, set()).add(pair)
    rejected = frozenset(by_verdict.get("rejected", ()))
    return Feedback(frozenset(by_verdict.get("confirmed", ())) - rejected, rejected)


def reviewed(rows: list[Row], feedback: Feedback) -> list[Row]:
    """Return rows as people reviewed them.

    Whom the persona list does not know is known by what was confirmed; what was rejected teaches
    nothing.
    """
    confirmed: dict[str, list[str]] = {}
    for brid, persona in sorted(feedback.confirmed):
        confirmed.setdefault(brid, []).append(persona)
    listed = {row[0] for row in rows if row[PERSONAS] is not None}
    found = []
    for row in rows:
        if row[PERSONAS] is None:
            found.append(row)
            if row[0] in listed or row[0] not in confirmed:
                continue
        held = {p for p in row[PERSONAS] or () if (row[0], p) not in feedback.rejected}
        held.update(confirmed.get(row[0], ()))
        if held:
            found.append((*row[:PERSONAS], sorted(held), *row[PERSONAS + 1 :]))
    return found


def weighed(people: Observations, feedback: Feedback) -> Observations:
    """Let whoever has a confirmed persona count for more people."""
    brids = {brid for brid, _ in feedback.confirmed}
    is_confirmed = np.array([brid in brids for brid in people.brids.tolist()])
    return replace(people, weight=np.where(is_confirmed, CONFIRMED_WEIGHT, 1.0))


def _brid(text: str | None) -> str:
    """Return the one spelling of a BRID, as staging has it."""
    brid = (clean_text(text) or "").upper()
    return (brid.removeprefix("B").lstrip("0") or "0") if re.fullmatch("B?[0-9]+", brid) else brid
