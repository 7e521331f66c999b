"""Learning which candidate persona a stranger holds, and how sure that is.

Known people are held out in the ways in which strangers come: at random, by whole cost centers and
managers (never seen before), and the newcomers. Each is looked up among the others' counts. A
boosted classifier learns from these look-ups which candidate is held; calibration and
assurances use scores of classifiers that have not seen the person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from persona_access.learning.assure import NEWCOMERS, Assurance, HeldOut, assure
from persona_access.learning.calibrate import Calibration, calibrate
from persona_access.learning.evidence import SMOOTHED_SHARE, Evidence, Pairs
from persona_access.learning.keys import ladder_of
from persona_access.learning.newcomers import Newcomers, newcomers_of
from persona_access.learning.observations import Bools, Floats, Ints, Observations
from persona_access.learning.shift import Limits, Mix, mixes_of, reused_centers
from persona_access.learning.simulate import LookUps, fold_of, joined, ways

N_CROSS_FITS = 3
# The simulation is as good with this many people a way; counts are always made from everybody.
MAX_SIMULATED_PEOPLE = 6_000
MAX_TAUGHT_PEOPLE = 9_000
N_SUGGESTIONS = 3
_SAY_OF_SMOOTHED_SHARE = 0.25
_SANE = (1e-6, 1 - 1e-6)
_TIE = 1e-4


@dataclass(frozen=True)
class Answers:
    """The best personas of each query: arrays are queries x suggestions, best first, -1 = none."""

    persona: Ints
    score: Floats

    @property
    def is_tied(self) -> Bools:
        """Say where the second answer is as good as the first."""
        return self.score[:, 0] - self.score[:, 1] < _TIE


@dataclass(frozen=True)
class Model:
    """Everything that is needed to answer for any combination of attributes."""

    personas: tuple[str, ...]
    evidence: Evidence
    classifier: HistGradientBoostingClassifier | None
    calibration: Calibration
    assurance: Assurance
    newcomers: Newcomers
    mixes: list[Mix]
    reused_centers: Ints

    def answers(self, queries: Ints) -> Answers:
        """Answer for queries already reduced to what their row knows."""
        pairs = self.evidence.pairs(queries)
        # One thread: the order of additions, and so the last bits, must not depend on the machine.
        with threadpool_limits(limits=1):
            scores = _scores(self.classifier, pairs.features)
        return best_of(pairs, scores, len(queries))

    def sureness(self, answers: Answers, group: Ints) -> tuple[Floats, Floats, Floats]:
        """Return confidence and assured precision of the best answers, and that of newcomers."""
        confidence = self.calibration.confidence(answers.score[:, 0], group)
        assured, of_newcomers = (
            np.where(answers.is_tied, 0.0, precision(confidence, group))
            for precision in (self.assurance.precision, self.assurance.precision_of_newcomers)
        )
        return confidence, assured, of_newcomers


def fit(people: Observations, limits: Limits) -> Model:
    """Learn from known people; the same people give the same model."""
    ladder = ladder_of(people)
    by_way = ways(people, ladder, MAX_SIMULATED_PEOPLE)
    teaching = joined([part for name, part in by_way.items() if name != NEWCOMERS])
    with threadpool_limits(limits=1):
        scores = _cross_fitted(people, teaching, list(by_way.values()))
        classifier = _fit_classifier(people, teaching, None)
    best = {
        name: best_of(part.pairs, score, len(part.row))
        for (name, part), score in zip(by_way.items(), scores, strict=True)
    }
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
    return Model(
        personas=people.personas,
        evidence=Evidence(people, ladder),
        classifier=classifier,
        calibration=calibration,
        assurance=assure(
            {
                name: (
                    HeldOut(
                        calibration.confidence(best[name].score[:, 0], part.group),
                        right[name],
                        part.witness,
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


def best_of(pairs: Pairs, scores: Floats, n_queries: int) -> Answers:
    """Keep the best candidates of each query; ties are in the order of the alphabet."""
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


def _fit_classifier(
    people: Observations, lookups: LookUps, left_out: tuple[Ints, int] | None
) -> HistGradientBoostingClassifier | None:
    """Learn which candidate is held; `left_out` = (fold of each person, fold to leave out)."""
    chosen = np.ones(len(lookups.row), dtype=np.bool_)
    if left_out is not None:
        folds, fold = left_out
        chosen = folds[lookups.row] != fold
    # Every so many of them, so that all ways and groups stay in.
    step = max(1, -(-int(chosen.sum()) // MAX_TAUGHT_PEOPLE))
    taught = lookups.queries(chosen & (np.cumsum(chosen) % step == 0))
    truth = people.holds(taught.row[taught.pairs.query], taught.pairs.persona)
    if not 0 < truth.sum() < len(truth):
        return None
    return boosting().fit(taught.pairs.features, truth)


def boosting() -> HistGradientBoostingClassifier:
    """Return the classifier that learns which candidate is held, with its settings, unfitted."""
    return HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )


def _cross_fitted(people: Observations, taught: LookUps, scored: list[LookUps]) -> list[Floats]:
    folds = fold_of(people.brids, N_CROSS_FITS, "cross-fit")
    scores = [np.zeros(len(part.pairs.query)) for part in scored]
    for fold in range(N_CROSS_FITS):
        classifier = _fit_classifier(people, taught, (folds, fold))
        for part, score in zip(scored, scores, strict=True):
            chosen = folds[part.row[part.pairs.query]] == fold
            if chosen.any():
                score[chosen] = _scores(classifier, part.pairs.features[chosen])
    return scores


def _scores(classifier: HistGradientBoostingClassifier | None, features: Floats) -> Floats:
    """Score candidates; the smoothed share itself has a small say, in log-odds.

    It steadies what few people taught, and decides alone where nobody taught anything.
    """
    smoothed = logit(np.clip(np.exp(features[:, SMOOTHED_SHARE].astype(np.float64)), *_SANE))
    if classifier is None:
        return np.asarray(expit(smoothed))
    learned = logit(np.clip(classifier.predict_proba(features)[:, 1], *_SANE))
    return np.asarray(
        expit((1 - _SAY_OF_SMOOTHED_SHARE) * learned + _SAY_OF_SMOOTHED_SHARE * smoothed)
    )
