"""Measure a training on people held out: at random, unseen cost centers, later weeks."""

from __future__ import annotations

from itertools import pairwise

from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.learning import evaluate as evaluation
from persona_access.learning.observations import Row
from persona_access.learning.read import (
    LAST_DATE,
    MIN_KNOWN_PEOPLE,
    known_rows,
    left_out,
    read_rows,
)
from persona_access.learning.shift import Limits

# Each week needs a training; with many people, the newest weeks are enough.
WEEKS_TESTED, WEEKS_TESTED_OF_MANY, MANY = 8, 2, 20_000


def measures(
    settings: Settings,
    *,
    minimum: float,
    ignored: list[str],
    repeats: int,
    report: Reporter = SILENT,
) -> list[evaluation.Measures]:
    """Train on some known people, predict the others, and measure how often that is right.

    `minimum` is the precision that an assignment needs. Raises SettingsError for an attribute that
    cannot be ignored.
    """
    without, limits = left_out(ignored), Limits.of(settings)
    with report.work("read the raw layer"):
        rows = known_rows(read_rows(settings.raw))
        by_name = _splits(settings, rows, repeats)
    found = []
    with report.work("evaluate", total=sum(map(len, by_name.values()))) as work:
        for name, splits in by_name.items():
            work.doing(f"held out: {name}")
            answers = []
            for split in splits:
                answers += evaluation.measure(split, minimum, limits, without)
                work.advance()
            if answers:
                found.append(evaluation.summarise(name, answers, minimum))
    return found


def _splits(settings: Settings, rows: list[Row], repeats: int) -> dict[str, list[evaluation.Split]]:
    """List the ways of holding out that the data allow, each with its splits."""
    splits = [
        split
        for repeat in range(repeats)
        for split in (
            evaluation.at_random(rows, evaluation.PARTS, str(repeat)),
            *(
                evaluation.unseen(rows, evaluation.PARTS, str(repeat), attribute)
                for attribute in evaluation.UNSEEN
            ),
        )
    ]
    joiners = evaluation.newest_joiners(rows)
    if joiners is not None:
        splits.append(joiners)
    dates = sorted({row[LAST_DATE] for row in rows})
    n_weeks = WEEKS_TESTED if len(rows) < MANY else WEEKS_TESTED_OF_MANY
    tested = dates[-n_weeks - 1 :] if len(dates) > 1 else []
    until = {week: known_rows(read_rows(settings.raw, until=week)) for week in tested}
    for week, following in pairwise(tested):
        splits.append(evaluation.following_week(until[week], until[following], following))
    by_name: dict[str, list[evaluation.Split]] = {}
    for split in splits:
        if len(split.known) >= MIN_KNOWN_PEOPLE and split.strangers:
            by_name.setdefault(split.name, []).append(split)
    return by_name
