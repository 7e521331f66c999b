"""Personas that people confirmed or rejected, in decisions and in answers to their lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from persona_access.base.queries import ask
from persona_access.base.sql import statement
from persona_access.base.warehouse import has_relation, reading
from persona_access.learning.observations import Observations, Row
from persona_access.learning.read import PERSONAS, know_spellings

FEEDBACK_FILE = "persona_feedback.csv"
# A confirmed persona was reviewed, whereas lists may be years old.
CONFIRMED_WEIGHT = 3.0


@dataclass(frozen=True)
class Feedback:
    """Personas that people confirmed and rejected, as pairs of BRID and persona.

    `n_answered` of the pairs come from answers of reviewers; `n_contradicting` further answers
    contradict the seed and are not learned from.
    """

    confirmed: frozenset[tuple[str, str]] = frozenset()
    rejected: frozenset[tuple[str, str]] = frozenset()
    n_answered: int = 0
    n_contradicting: int = 0


def read_feedback(seeds: Path, day: date, warehouse: Path | None = None) -> Feedback:
    """Read the reviews in force on a day, and what reviewers answered up to then.

    Both the seed and the warehouse are optional. Raises MachineError while a build holds the
    warehouse.
    """
    file = seeds / FEEDBACK_FILE
    with _connected(warehouse) as connection:
        know_spellings(connection)
        connection.execute(statement(__package__, "feedback_inputs"))
        if file.is_file():
            connection.execute(statement(__package__, "written_reviews"), {"file": str(file)})
        if has_relation(connection, "reporting", "rpt_reviewed_personas"):
            connection.execute(statement(__package__, "given_answers"))
        rows = ask(connection, statement(__package__, "feedback"), {"day": day})
    by_verdict: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        by_verdict.setdefault(row["verdict"], set()).add((row["brid"], row["persona_id"]))
    return Feedback(
        confirmed=frozenset(by_verdict.get("confirmed", ())),
        rejected=frozenset(by_verdict.get("rejected", ())),
        n_answered=sum(row["is_answer"] and row["persona_id"] is not None for row in rows),
        n_contradicting=sum(row["persona_id"] is None for row in rows),
    )


@contextmanager
def _connected(warehouse: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse, or nothing if none was built yet."""
    if warehouse is not None and warehouse.is_file():
        with reading(warehouse) as connection:
            yield connection
    else:
        with duckdb.connect() as connection:
            yield connection


def reviewed(rows: list[Row], feedback: Feedback) -> list[Row]:
    """Return rows as people reviewed them.

    A person who is not in the persona list has the confirmed personas; rejected personas are not
    learned from.
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
    """Give people with a confirmed persona the weight of several people."""
    brids = {brid for brid, _ in feedback.confirmed}
    is_confirmed = np.array([brid in brids for brid in people.brids.tolist()])
    return replace(people, weight=np.where(is_confirmed, CONFIRMED_WEIGHT, 1.0))
