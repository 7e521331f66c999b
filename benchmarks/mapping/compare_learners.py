"""Compare learners of persona mappings on people held out of a loaded raw layer.

    PERSONA_ACCESS_HOME=... .venv/bin/python benchmarks/mapping/compare_learners.py --splits 3

Prints, for people held out at random and for cost centers never seen: accuracy when everybody is
answered; coverage and precision with the threshold for 95 % chosen on the training people; and the
coverage at 95 % precision in hindsight.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from persona_access.mapping.evaluate import (
    PARTS,
    PROMISED_PRECISION,
    Split,
    at_random,
    lowest_safe,
    measure,
    unseen_centers,
)
from persona_access.mapping.evidence import Evidence, Pairs
from persona_access.mapping.keys import first_known, kinds
from persona_access.mapping.learn import best_of
from persona_access.mapping.observations import Bools, Floats, Ints, Observations
from persona_access.mapping.read import known_people, read_rows
from persona_access.mapping.simulate import fold_of
from persona_access.settings import load_settings

N_FOLDS = 10
N_FOLDS_FOR_THRESHOLD = 3


@dataclass(frozen=True)
class Result:
    """Personas answered and confidences of them."""

    persona: Ints
    confidence: Floats


Learner = Callable[[Observations, Observations], Result]


def majority(known: Observations, strangers: Observations) -> Result:
    """Answer (a) the commonest persona of the most specific kind of key that anybody holds."""
    evidence = Evidence(known)
    rank = first_known(evidence, strangers.codes)
    persona = np.zeros(len(strangers), dtype=np.int64)
    confidence = np.zeros(len(strangers))
    for position, kind in enumerate(kinds(evidence.attributes)):
        rows = np.flatnonzero(rank == position)
        if len(rows):
            held, n = evidence.counts(kind, strangers.codes[rows])
            persona[rows] = held.argmax(axis=1)
            confidence[rows] = held.max(axis=1) / np.maximum(n, 1)
    return Result(persona, confidence)


def hierarchical(known: Observations, strangers: Observations) -> Result:
    """Answer (b) by Jelinek-Mercer back-off over all keys of up to three attributes."""
    return _best(Evidence(known).pairs(strangers.codes), 0, len(strangers))


def naive_bayes(known: Observations, strangers: Observations) -> Result:
    """Answer (c) as if attributes were independent given the persona."""
    return _best(Evidence(known).pairs(strangers.codes), 1, len(strangers))


def one_hot_logistic(known: Observations, strangers: Observations) -> Result:
    """Answer by multinomial logistic regression on the attributes themselves."""
    probabilities = _one_hot(known, strangers)
    return Result(probabilities.argmax(axis=1), probabilities.max(axis=1))


def logistic_stack(known: Observations, strangers: Observations) -> Result:
    """Answer by logistic regression over the out-of-fold evidence of all keys."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    return _stack(known, strangers, model, with_one_hot=False)


def boosting(known: Observations, strangers: Observations) -> Result:
    """Answer (d) by boosting over the out-of-fold evidence, person by person: no table."""
    return _stack(known, strangers, _boosted(), with_one_hot=False)


def boosting_and_logistic(known: Observations, strangers: Observations) -> Result:
    """Answer (d) the same way, one-hot logistic regression as a further voice: the ceiling."""
    return _stack(known, strangers, _boosted(), with_one_hot=True)


LEARNERS: dict[str, Learner] = {
    "(a) majority by cell with back-off": majority,
    "(b) hierarchical smoothing": hierarchical,
    "(c) naive Bayes": naive_bayes,
    "one-hot logistic regression": one_hot_logistic,
    "logistic stack": logistic_stack,
    "(d) boosted stack, no table": boosting,
    "(d) boosted stack + logistic, no table": boosting_and_logistic,
}
SHIPPED = "shipped: boosted look-ups, tabulated"


def main() -> None:
    """Run the comparison and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--ignore", action="append", default=[])
    arguments = parser.parse_args()
    ignored = frozenset(arguments.ignore)
    rows = read_rows(load_settings().raw)
    table = Table(title=f"{len(rows):,} known people, {arguments.splits} splits")
    for heading in ("held out", "learner", "accuracy", "coverage", "precision", "in hindsight"):
        table.add_column(heading)
    with threadpool_limits(limits=1):
        for make_split in (at_random, unseen_centers):
            splits = [make_split(rows, PARTS, str(n)) for n in range(arguments.splits)]
            for name, learner in LEARNERS.items():
                figures = [_figures(split, learner, ignored) for split in splits]
                table.add_row(splits[0].name, name, *_mean(figures))
            figures = [_shipped(split, ignored) for split in splits]
            table.add_row(splits[0].name, SHIPPED, *_mean(figures), end_section=True)
    Console(width=120).print(table)


def _figures(split: Split, learner: Learner, ignored: frozenset[str]) -> tuple[float, ...]:
    everybody = known_people([*split.known, *split.strangers], ignored).people
    is_known = np.isin(everybody.brids, [row[0] for row in split.known])
    known, strangers = everybody.only(is_known), everybody.only(~is_known)
    folds = fold_of(known.brids, N_FOLDS_FOR_THRESHOLD, "threshold")
    confidences, rights = [], []
    for fold in range(N_FOLDS_FOR_THRESHOLD):
        held_out = known.only(folds == fold)
        result = learner(known.only(folds != fold), held_out)
        confidences.append(result.confidence)
        rights.append(_is_right(held_out, result))
    needed = lowest_safe(np.concatenate(confidences), np.concatenate(rights), PROMISED_PRECISION)
    result = learner(known, strangers)
    return _sum_up(result.confidence, _is_right(strangers, result), needed)


def _shipped(split: Split, ignored: frozenset[str]) -> tuple[float, ...]:
    answers = measure(split, ignored)
    confidence = np.array([answer.confidence for answer in answers])
    is_right = np.array([answer.is_right for answer in answers])
    return _sum_up(confidence, is_right, answers[0].safe_confidence)


def _sum_up(confidence: Floats, is_right: Bools, needed: float) -> tuple[float, ...]:
    chosen = confidence >= needed
    hindsight = confidence >= lowest_safe(confidence, is_right, PROMISED_PRECISION)
    precision = float(is_right[chosen].mean()) if chosen.any() else float("nan")
    return float(is_right.mean()), float(chosen.mean()), precision, float(hindsight.mean())


def _mean(figures: list[tuple[float, ...]]) -> list[str]:
    return [f"{value:.3f}" for value in np.nanmean(np.array(figures), axis=0)]


def _is_right(people: Observations, result: Result) -> Bools:
    return people.holds(np.arange(len(people)), result.persona)


def _best(pairs: Pairs, column: int, n_queries: int) -> Result:
    best = best_of(pairs, np.exp(pairs.features[:, column]), n_queries)
    return Result(best.persona[:, 0], best.score[:, 0])


def _boosted() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )


def _one_hot(known: Observations, strangers: Observations) -> Floats:
    encoder = OneHotEncoder(handle_unknown="ignore")
    columns = [known.codes, *_pairs_of_columns(known)]
    asked = [strangers.codes, *_pairs_of_columns(strangers)]
    design = encoder.fit_transform(np.column_stack(columns))
    # A person with several personas stands for each of them.
    row, persona = known.held.nonzero()
    model = LogisticRegression(C=5.0, max_iter=60, tol=1e-3).fit(design[row], persona)
    probabilities = np.full((len(strangers), len(known.personas)), 1e-9)
    found = model.predict_proba(encoder.transform(np.column_stack(asked)))
    probabilities[:, model.classes_] = found
    return probabilities


def _pairs_of_columns(people: Observations) -> list[Ints]:
    level = people.codes[:, :1]
    return [level * 100_000 + people.codes[:, 2:]]


def _stack(
    known: Observations, strangers: Observations, model: object, *, with_one_hot: bool
) -> Result:
    folds = fold_of(known.brids, N_FOLDS, "stack")
    features, is_held = [], []
    for fold in range(N_FOLDS):
        held_out = known.only(folds == fold)
        pairs = _evidence(known.only(folds != fold), held_out, with_one_hot)
        features.append(pairs.features)
        is_held.append(held_out.holds(pairs.query, pairs.persona))
    model.fit(np.concatenate(features), np.concatenate(is_held))  # type: ignore[attr-defined]
    pairs = _evidence(known, strangers, with_one_hot)
    scores = model.predict_proba(pairs.features)[:, 1]  # type: ignore[attr-defined]
    best = best_of(pairs, scores, len(strangers))
    return Result(best.persona[:, 0], best.score[:, 0])


def _evidence(known: Observations, strangers: Observations, with_one_hot: bool) -> Pairs:
    pairs = Evidence(known).pairs(strangers.codes)
    if not with_one_hot:
        return pairs
    probabilities = _one_hot(known, strangers)
    chosen = probabilities[pairs.query, pairs.persona]
    extra = [np.log(chosen), chosen / probabilities.max(axis=1)[pairs.query]]
    return Pairs(pairs.query, pairs.persona, np.column_stack([pairs.features, *extra]))


if __name__ == "__main__":
    main()
