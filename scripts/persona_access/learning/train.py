"""Learn persona mappings from the raw layer and write them as seeds."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from importlib.metadata import version

from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.learning.learn import fit
from persona_access.learning.observations import Row
from persona_access.learning.read import known_people, left_out, read_rows
from persona_access.learning.rows import tabulate
from persona_access.learning.seed import Training, write_seeds

# Part of the id of a training: raised when the same people give other mappings, so that a release
# which learns alike leaves the seeds as they are.
LEARNER_VERSION = 2


@dataclass(frozen=True)
class Trained:
    """A training, the attributes it looked at, and its mappings: all, and those that assign.

    Without `has_newcomers` nothing assures that joiners are answered as well as everybody else.
    """

    training: Training
    attributes: list[str]
    n_mappings: int
    n_assigning: int
    has_newcomers: bool


def train(
    settings: Settings,
    *,
    until: dt.date | None,
    ignored: list[str],
    minimum: float,
    report: Reporter = SILENT,
) -> Trained:
    """Learn from the weeks up to a date and write both seeds.

    `minimum` is the precision that an assignment needs. Raises SettingsError for an attribute that
    cannot be ignored.
    """
    without = left_out(ignored)
    with report.work("read the raw layer"):
        rows = read_rows(settings.raw, until=until)
    known = known_people(rows, without)
    with report.work("learn"):
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
        learner_version=f"learner {LEARNER_VERSION}, scikit-learn {version('scikit-learn')}",
    )
    write_seeds(settings.seeds, mappings, training)
    sure = [row for row in mappings if row.assured_precision >= minimum]
    return Trained(
        training=training,
        attributes=list(known.people.attributes),
        n_mappings=len(mappings),
        n_assigning=len(sure),
        has_newcomers=bool(model.assurance.newcomers),
    )


def _hash(rows: list[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        # People without attributes of the bank's own are as they were before there were any.
        digest.update(repr(row if row[-1] else row[:-1]).encode())
    return digest.hexdigest()
