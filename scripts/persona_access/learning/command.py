"""`persona-access train` and `persona-access evaluate`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from rich.console import Console

from persona_access import __version__
from persona_access.base.errors import SettingsError
from persona_access.base.settings import Settings
from persona_access.learning import evaluate as evaluation
from persona_access.learning.learn import fit
from persona_access.learning.observations import Row
from persona_access.learning.picture import draw
from persona_access.learning.read import (
    MIN_KNOWN_PEOPLE,
    OPTIONAL_ATTRIBUTES,
    known_people,
    read_rows,
)
from persona_access.learning.report import print_measures
from persona_access.learning.rows import tabulate
from persona_access.learning.seed import Training, write_seeds

WEEKS_TESTED = 8


def run_train(
    settings: Settings, *, until: dt.date | None, ignored: list[str], minimum: float
) -> None:
    """Learn from the raw layer and write both seeds; print what a reviewer should look at."""
    left_out = _ignored(ignored)
    rows = read_rows(settings.raw, until=until)
    known = known_people(rows, left_out)
    model = fit(known.people)
    mappings = tabulate(model, known.people.values)
    training = Training(
        data_date=known.last_date.isoformat(),
        first_extract_date=known.first_date.isoformat(),
        n_extracts=known.n_extracts,
        n_people=len(set(known.people.brids.tolist())),
        n_personas=len(known.people.personas),
        inputs_sha256=_hash(rows),
        settings="; ".join(
            [
                f"attributes {'+'.join(known.people.attributes)}",
                f"cost center prefix of {known.prefix_length} characters",
            ]
        ),
        learner_version=f"persona-access {__version__}, scikit-learn {version('scikit-learn')}",
    )
    write_seeds(settings.seeds, mappings, training)
    sure = [row for row in mappings if row.assured_precision >= minimum]
    Console().print(
        f"Learned from {training.n_people:,} people with {training.n_personas:,} personas "
        f"({training.first_extract_date} to {training.data_date}); looked at "
        f"{', '.join(known.people.attributes)}.\n"
        f"Wrote {len(mappings):,} mappings to {settings.seeds}; {len(sure):,} of them assign, "
        f"{minimum:.0%} of their answers together being right by held-out people: review these "
        "with git diff."
        + (
            ""
            if model.assurance.newcomers
            else "\nHire dates and weeks tell too few newcomers to hold out: that joiners are "
            "answered as well as everybody else is not assured."
        ),
        highlight=False,
    )


def run_evaluate(
    settings: Settings,
    *,
    minimum: float,
    ignored: list[str],
    repeats: int,
    is_json: bool,
    picture: Path | None,
) -> None:
    """Train on some known people, answer for the others, and print how right the answers were."""
    left_out = _ignored(ignored)
    rows = read_rows(settings.raw)
    measures = []
    for name, splits in _splits(settings, rows, repeats).items():
        answers = [answer for split in splits for answer in evaluation.measure(split, left_out)]
        if answers:
            measures.append(evaluation.summarise(name, answers, minimum))
    if picture is not None:
        picture.write_text(draw(measures), encoding="utf-8")
    if is_json:
        print(json.dumps([asdict(measure) for measure in measures], indent=2))  # noqa: T201
    else:
        print_measures(Console(), measures)


def _splits(settings: Settings, rows: list[Row], repeats: int) -> dict[str, list[evaluation.Split]]:
    """List the ways of holding out that these data allow, each with its splits."""
    splits = [
        split
        for repeat in range(repeats)
        for split in (
            evaluation.at_random(rows, evaluation.PARTS, str(repeat)),
            evaluation.unseen_centers(rows, evaluation.PARTS, str(repeat)),
        )
    ]
    joiners = evaluation.newest_joiners(rows)
    if joiners is not None:
        splits.append(joiners)
    dates = sorted({row[-1] for row in rows})
    for week, following in pairwise(dates[-WEEKS_TESTED - 1 :]):
        splits.append(
            evaluation.following_week(
                read_rows(settings.raw, until=week),
                read_rows(settings.raw, until=following),
                following,
            )
        )
    by_name: dict[str, list[evaluation.Split]] = {}
    for split in splits:
        if len(split.known) >= MIN_KNOWN_PEOPLE and split.strangers:
            by_name.setdefault(split.name, []).append(split)
    return by_name


def _ignored(names: list[str]) -> frozenset[str]:
    unknown = sorted(set(names) - set(OPTIONAL_ATTRIBUTES))
    if unknown:
        raise SettingsError(
            f"--ignore names {', '.join(unknown)}: only {', '.join(OPTIONAL_ATTRIBUTES)} can be "
            "left out; management level and cost center are always looked at."
        )
    return frozenset(names)


def _hash(rows: list[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()
