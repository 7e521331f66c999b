"""Learning which candidate persona a stranger holds, and how sure that is.

Known people are held out in the three ways in which strangers come: at random, by whole cost
centers (never seen before), and the newcomers. Each is looked up among the others' counts by
the first kind of key that has a row. Boosted classifiers learn from these look-ups which candidate
is held; calibration uses scores of classifiers that have not seen the person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from persona_access.learning.assure import Assurance, HeldOut, assure
from persona_access.learning.calibrate import COARSE, Calibration, calibrate
from persona_access.learning.evidence import SMOOTHED_SHARE, Evidence, Pairs
from persona_access.learning.observations import (
    COST_CENTER,
    Bools,
    Floats,
    Ints,
    Observations,
    Texts,
)
from persona_access.learning.simulate import (
    LookUps,
    center_folds,
    fold_of,
    held_out,
    newcomer_fold,
    random_folds,
)

N_CROSS_FITS = 4
# The simulation is as good with this many people; counts are always made from everybody.
MAX_SIMULATED_PEOPLE = 20_000
N_SUGGESTIONS = 3
_SAY_OF_SMOOTHED_SHARE = 0.25
_SANE = (1e-6, 1 - 1e-6)

# By whether the row looks at the cost center: what the counts are worth differs too much.
_Classifiers = dict[bool, HistGradientBoostingClassifier]


@dataclass(frozen=True)
class Answers:
    """The best personas of each query: arrays are queries x suggestions, best first, -1 = none.

    `pair` numbers the candidate pairs that the answers come from.
    """

    persona: Ints
    score: Floats
    pair: Ints


@dataclass(frozen=True)
class Model:
    """Everything that is needed to answer for any combination of attributes."""

    personas: tuple[str, ...]
    evidence: Evidence
    classifiers: _Classifiers
    calibration: Calibration
    assurance: Assurance

    def answers(self, reduced: Ints, basis: Texts) -> Answers:
        """Answer for queries already reduced to what their row knows."""
        pairs = self.evidence.pairs(reduced)
        # One thread: the order of additions, and so the last bits, must not depend on the machine.
        with threadpool_limits(limits=1):
            scores = _scores(self.classifiers, pairs.features, basis[pairs.query])
        return best_of(pairs, scores, len(reduced))


def fit(people: Observations) -> Model:
    """Learn from known people; the same people give the same model."""
    simulated = _sample(people)
    at_random = held_out(people, random_folds(people), simulated)
    unseen = held_out(people, center_folds(people), simulated)
    newcomers = held_out(people, newcomer_fold(people), simulated)
    ways = [at_random, unseen, newcomers]
    with threadpool_limits(limits=1):
        scores = _cross_fitted(people, [at_random, unseen], ways)
        classifiers = _fit_classifiers(people, [at_random, unseen], None)
    best = [
        best_of(part.pairs, score, len(part.row)) for part, score in zip(ways, scores, strict=True)
    ]
    is_right = [
        people.holds(part.row, answers.persona[:, 0])
        for part, answers in zip(ways, best, strict=True)
    ]
    classified = [
        (answers.score[:, 0], right, part.basis)
        for part, answers, right in zip(ways, best, is_right, strict=True)
    ]
    calibration = calibrate(classified[0], classified[1])
    centers = people.column(COST_CENTER)
    return Model(
        personas=people.personas,
        evidence=Evidence(people),
        classifiers=classifiers,
        calibration=calibration,
        assurance=assure(
            *(
                HeldOut(
                    calibration.confidence(
                        answers.score[:, 0], part.basis, part.ceiling[answers.pair[:, 0]]
                    ),
                    right,
                    centers[part.row],
                )
                for part, answers, right in zip(ways, best, is_right, strict=True)
            )
        ),
    )


def best_of(pairs: Pairs, scores: Floats, n_queries: int) -> Answers:
    """Keep the best candidates of each query; ties go to the persona first in the alphabet."""
    persona = np.full((n_queries, N_SUGGESTIONS), -1, dtype=np.int64)
    score = np.zeros((n_queries, N_SUGGESTIONS))
    pair = np.full((n_queries, N_SUGGESTIONS), -1, dtype=np.int64)
    order = np.lexsort((pairs.persona, -scores, pairs.query))
    query = pairs.query[order]
    starts = np.searchsorted(query, np.arange(n_queries))
    place = np.arange(len(query)) - starts[query]
    kept = place < N_SUGGESTIONS
    persona[query[kept], place[kept]] = pairs.persona[order][kept]
    score[query[kept], place[kept]] = scores[order][kept]
    pair[query[kept], place[kept]] = order[kept]
    return Answers(persona, score, pair)


def _sample(people: Observations) -> Bools:
    if len(people) <= MAX_SIMULATED_PEOPLE:
        return np.ones(len(people), dtype=np.bool_)
    share = fold_of(people.brids, 1_000_000, "sample") / 1_000_000
    return share < MAX_SIMULATED_PEOPLE / len(people)


def _is_held(people: Observations, lookups: LookUps) -> Bools:
    rows = lookups.row[lookups.pairs.query]
    return people.holds(rows, lookups.pairs.persona)


def _fit_classifiers(
    people: Observations, lookups: list[LookUps], left_out: tuple[Ints, int] | None
) -> _Classifiers:
    """Learn which candidate is held; `left_out` = (fold of each person, fold to leave out)."""
    classifiers: _Classifiers = {}
    for is_center_known in (True, False):
        features, is_held = [], []
        for part in lookups:
            chosen = (part.basis != COARSE)[part.pairs.query] == is_center_known
            if left_out is not None:
                folds, fold = left_out
                chosen &= folds[part.row[part.pairs.query]] != fold
            if chosen.any():
                features.append(part.pairs.features[chosen])
                is_held.append(_is_held(people, part)[chosen])
        truth = np.concatenate(is_held) if is_held else np.zeros(0, dtype=np.bool_)
        if 0 < truth.sum() < len(truth):
            classifiers[is_center_known] = boosting().fit(np.concatenate(features), truth)
    return classifiers


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


def _cross_fitted(
    people: Observations, learned_from: list[LookUps], scored: list[LookUps]
) -> list[Floats]:
    folds = fold_of(people.brids, N_CROSS_FITS, "cross-fit")
    scores = [np.zeros(len(part.pairs.query)) for part in scored]
    for fold in range(N_CROSS_FITS):
        classifiers = _fit_classifiers(people, learned_from, (folds, fold))
        for part, score in zip(scored, scores, strict=True):
            chosen = folds[part.row[part.pairs.query]] == fold
            basis = part.basis[part.pairs.query]
            if chosen.any():
                score[chosen] = _scores(classifiers, part.pairs.features[chosen], basis[chosen])
    return scores


def _scores(classifiers: _Classifiers, features: Floats, basis: Texts) -> Floats:
    """Score candidates; without people to learn from, everything is as good as unknown.

    The smoothed share itself has a small say, in log-odds: it steadies what few people taught.
    """
    scores = np.zeros(len(features))
    for is_center_known, classifier in classifiers.items():
        rows = (basis != COARSE) == is_center_known
        if rows.any():
            learned = classifier.predict_proba(features[rows])[:, 1]
            smoothed = np.exp(features[rows, SMOOTHED_SHARE])
            scores[rows] = expit(
                (1 - _SAY_OF_SMOOTHED_SHARE) * logit(np.clip(learned, *_SANE))
                + _SAY_OF_SMOOTHED_SHARE * logit(np.clip(smoothed, *_SANE))
            )
    return scores
