"""Learn which candidate persona an unknown person holds, and how sure that is.

Known people are held out in the ways in which unknown people appear: at random, by whole cost
centers and managers (never seen before), and the newcomers. Each is looked up among the others'
counts. A boosted classifier learns from these look-ups which candidate is held; calibration and
assurances use scores of classifiers that have not seen the person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from persona_access.learning.assure import NEWCOMERS, Assurance, assure
from persona_access.learning.bounds import HeldOut
from persona_access.learning.calibrate import Calibration, calibrate
from persona_access.learning.evidence import Evidence, Pairs
from persona_access.learning.keys import ladder_of
from persona_access.learning.newcomers import Newcomers, newcomers_of
from persona_access.learning.observations import COST_CENTER, Bools, Floats, Ints, Observations
from persona_access.learning.scorer import Scorer, fit_scorer
from persona_access.learning.shift import Limits, Mix, mixes_of, reused_centers
from persona_access.learning.simulate import LookUps, fold_of, ways

# The simulation is as good with this many people in each way; counts always use everybody.
MAX_SIMULATED_PEOPLE = 9_000
# Half of many people are as good a training set as two thirds of few.
_CROSS_FITS, _CROSS_FITS_OF_MANY = 3, 2
N_SUGGESTIONS = 3
_TIE = 1e-4


@dataclass(frozen=True)
class Answers:
    """The best personas of each query: arrays are queries x suggestions, best first, -1 = none."""

    persona: Ints
    score: Floats

    @property
    def is_tied(self) -> Bools:
        """Return where the second answer is as good as the first."""
        return self.score[:, 0] - self.score[:, 1] < _TIE


@dataclass(frozen=True)
class Model:
    """Everything that is needed to predict for any combination of attributes."""

    personas: tuple[str, ...]
    evidence: Evidence
    scorer: Scorer
    calibration: Calibration
    assurance: Assurance
    newcomers: Newcomers
    mixes: list[Mix]
    reused_centers: Ints

    def answers(self, queries: Ints, group: Ints) -> Answers:
        """Predict for queries of these groups, already reduced to the values of their row."""
        pairs = self.evidence.pairs(queries)
        # One thread: the order of additions, and so the last bits, must not depend on the machine.
        with threadpool_limits(limits=1):
            scores = self.scorer.scores(pairs, group)
        return best_of(pairs, scores, len(queries))

    def sureness(
        self, answers: Answers, queries: Ints, group: Ints, minimum: float
    ) -> tuple[Floats, Floats, Floats]:
        """Return confidence and assured precision of the best answers, for everybody and newcomers.

        `minimum` is the precision that an assignment needs.
        """
        confidence = self.calibration.confidence(answers.score[:, 0], group)
        center = queries[:, self.evidence.attributes.index(COST_CENTER)]
        alike = _alike(answers, center, len(self.personas))
        assured = self.assurance.precision(confidence, group, minimum)
        of_newcomers = self.assurance.precision_of_newcomers(confidence, group, alike, minimum)
        assured, of_newcomers = (
            np.where(answers.is_tied, 0.0, each) for each in (assured, of_newcomers)
        )
        return confidence, assured, of_newcomers


def fit(people: Observations, limits: Limits) -> Model:
    """Learn from known people; the same people give the same model."""
    ladder = ladder_of(people)
    by_way = ways(people, ladder, MAX_SIMULATED_PEOPLE)
    with threadpool_limits(limits=1):
        scores = _cross_fitted(people, by_way)
        scorer = fit_scorer(people, by_way, np.ones(len(people), dtype=np.bool_))
    best = {name: best_of(part.pairs, scores[name], len(part.row)) for name, part in by_way.items()}
    right = {
        name: people.holds(part.row, best[name].persona[:, 0]) & ~best[name].is_tied
        for name, part in by_way.items()
    }
    taught = [name for name in by_way if name != NEWCOMERS]
    calibration = calibrate(
        np.concatenate([best[name].score[:, 0] for name in taught]),
        np.concatenate([right[name] for name in taught]),
        np.concatenate([by_way[name].group for name in taught]),
    )
    mixes = mixes_of(people, limits)
    center = people.column(COST_CENTER)
    return Model(
        personas=people.personas,
        evidence=Evidence(people, ladder),
        scorer=scorer,
        calibration=calibration,
        assurance=assure(
            {
                name: (
                    HeldOut(
                        calibration.confidence(best[name].score[:, 0], part.group),
                        right[name],
                        _alike(best[name], center[part.row], len(people.personas))
                        if name == NEWCOMERS
                        else part.witness,
                    ),
                    part.group,
                )
                for name, part in by_way.items()
            }
        ),
        newcomers=newcomers_of(people),
        mixes=mixes,
        reused_centers=reused_centers(people, mixes, limits),
    )


def _alike(answers: Answers, center: Ints, n_personas: int) -> Ints:
    """Return a number for each persona and cost center; negative without one."""
    persona = answers.persona[:, 0]
    return np.where(center >= 0, center * n_personas + persona, -1 - persona)


def best_of(pairs: Pairs, scores: Floats, n_queries: int) -> Answers:
    """Keep the best candidates of each query; ties are in alphabetical order."""
    persona = np.full((n_queries, N_SUGGESTIONS), -1, dtype=np.int64)
    score = np.zeros((n_queries, N_SUGGESTIONS))
    order = np.lexsort((pairs.persona, -scores, pairs.query))
    query = pairs.query[order]
    starts = np.searchsorted(query, np.arange(n_queries))
    place = np.arange(len(query)) - starts[query]
    kept = place < N_SUGGESTIONS
    persona[query[kept], place[kept]] = pairs.persona[order][kept]
    score[query[kept], place[kept]] = scores[order][kept]
    return Answers(persona, score)


def _cross_fitted(people: Observations, by_way: dict[str, LookUps]) -> dict[str, Floats]:
    """Score look-ups by scorers that were trained on other people."""
    n_fits = _CROSS_FITS if len(people) <= MAX_SIMULATED_PEOPLE else _CROSS_FITS_OF_MANY
    folds = fold_of(people.brids, n_fits, "cross-fit")
    scores = {name: np.zeros(len(part.pairs.query)) for name, part in by_way.items()}
    for fold in range(n_fits):
        scorer = fit_scorer(people, by_way, folds != fold)
        for name, part in by_way.items():
            asked = folds[part.row] == fold
            if asked.any():
                some = part.queries(asked)
                scores[name][asked[part.pairs.query]] = scorer.scores(some.pairs, some.group)
    return scores
