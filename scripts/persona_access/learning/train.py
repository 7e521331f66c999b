"""Learn persona mappings from the raw layer and write them as seeds."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from importlib.metadata import version

from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.learning.apply import Lookup
from persona_access.learning.feedback import Feedback, read_feedback, reviewed, weighed
from persona_access.learning.learn import fit
from persona_access.learning.observations import Row
from persona_access.learning.read import (
    LAST_DATE,
    PERSONAS,
    TEXT_COLUMNS,
    arrived,
    known_people,
    left_out,
    own_attributes,
    read_rows,
)
from persona_access.learning.rows import tabulate
from persona_access.learning.seed import (
    Training,
    cells,
    read_mappings,
    read_newcomers,
    write_seeds,
)
from persona_access.learning.settle import Change, changes, settled, summary
from persona_access.learning.shift import Limits

# Part of the id of a training. Increased if the same people give other mappings, so that a release
# that learns the same leaves the seeds unchanged.
LEARNER_VERSION = 11


@dataclass(frozen=True)
class Trained:
    """A training, the attributes it used, and its mappings: all, and those that assign.

    Without `has_newcomers`, nothing assures that joiners are predicted as well as everybody else.
    `n_confirmed` and `n_rejected` are personas that people reviewed, `n_answered` of them in
    answers to their lists; `n_contradicting` answers contradict the decisions and were not used.
    `changes` are the decisions that differ for people of the newest headcount.
    """

    training: Training
    attributes: list[str]
    n_mappings: int
    n_assigning: int
    n_changed_rows: int
    has_newcomers: bool
    n_confirmed: int
    n_rejected: int
    n_answered: int
    n_contradicting: int
    changes: list[Change]
    summary: str


def train(
    settings: Settings,
    *,
    until: dt.date | None,
    ignored: list[str],
    minimum: float,
    is_dry: bool = False,
    report: Reporter = SILENT,
) -> Trained:
    """Learn from the weeks up to a date and write the seeds; with `is_dry`, only compare them.

    `minimum` is the precision that an assignment needs. Raises SettingsError for an attribute that
    cannot be ignored.
    """
    without = left_out(ignored)
    with report.work("read the raw layer"):
        delivered = read_rows(settings.raw, until=until)
        newest = max(row[LAST_DATE] for row in delivered)
        feedback = read_feedback(settings.seeds, newest, settings.warehouse)
        rows = reviewed(delivered, feedback)
    known = known_people(rows, without)
    people = weighed(known.people, feedback)
    with report.work("learn"):
        model = fit(people, Limits.of(settings))
        standing = read_mappings(settings.seeds)
        mappings = settled(tabulate(model, people, minimum), standing, minimum)
    training = Training(
        data_date=known.last_date.isoformat(),
        first_extract_date=known.first_date.isoformat(),
        n_extracts=known.n_extracts,
        n_people=len(set(known.people.brids.tolist())),
        n_personas=len(known.people.personas),
        inputs_sha256=_hash(rows, feedback),
        settings="; ".join(
            [
                f"attributes {'+'.join(known.people.attributes)}",
                f"cost center prefix of {known.prefix_length} characters",
            ]
        ),
        learner_version=f"learner {LEARNER_VERSION}, scikit-learn {version('scikit-learn')}",
        newcomers_since=model.newcomers.since,
        newcomers_until=model.newcomers.until,
    )
    newcomers = replace(model.newcomers, learned_until=training.data_date)
    found = changes(
        strangers(rows),
        Lookup.of(standing, read_newcomers(settings.seeds)),
        Lookup.of(mappings, newcomers),
        minimum,
    )
    if not is_dry:
        write_seeds(settings.seeds, mappings, model.mixes, training, found)
    return Trained(
        training=training,
        attributes=list(known.people.attributes),
        n_mappings=len(mappings),
        n_assigning=sum(row.assured_precision >= minimum for row in mappings),
        n_changed_rows=len({*map(cells, mappings)} - {*map(cells, standing)}),
        has_newcomers=bool(model.newcomers.until),
        n_confirmed=len(feedback.confirmed),
        n_rejected=len(feedback.rejected),
        n_answered=feedback.n_answered,
        n_contradicting=feedback.n_contradicting,
        changes=found,
        summary=summary(found),
    )


def strangers(rows: list[Row]) -> list[dict[str, str | None]]:
    """Return the HR attributes of people in the newest headcount whose persona is unknown."""
    listed = [row for row in rows if row[PERSONAS] is not None]
    # The list may be older than the headcount.
    last = max(row[LAST_DATE] for row in listed)
    known = {row[0] for row in listed if row[LAST_DATE] == last}
    return [
        dict(zip(TEXT_COLUMNS, row[1:PERSONAS], strict=True))
        | own_attributes(row[-1])
        | arrived(row)
        for row in rows
        if row[PERSONAS] is None and row[0] not in known
    ]


def _hash(rows: list[Row], feedback: Feedback) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    if feedback.confirmed:
        digest.update(repr(sorted(feedback.confirmed)).encode())
    return digest.hexdigest()
