"""Compare learners of persona mappings on people held out of a loaded raw layer.

    PERSONA_ACCESS_HOME=... .venv/bin/python benchmarks/mapping/compare_learners.py

Prints, for people held out at random and for cost centers never seen: accuracy when everybody is
answered; coverage and precision with the threshold for 95 % chosen on known people held out in the
same way; and the coverage at 95 % precision with the threshold chosen in hindsight.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from persona_access.base.settings import load_settings
from persona_access.learning import learn
from persona_access.learning.evaluate import (
    PARTS,
    Split,
    at_random,
    lowest_safe,
    measure,
    unseen_centers,
)
from persona_access.learning.evidence import Evidence, Key, Pairs
from persona_access.learning.observations import (
    COST_CENTER,
    DEPARTMENT,
    MANAGEMENT_LEVEL,
    Bools,
    Floats,
    Ints,
    Observations,
    Row,
)
from persona_access.learning.read import known_people, read_rows
from persona_access.learning.simulate import fold_of

PRECISION = 0.95
N_FOLDS = 10
# What the majority is asked of, in this order.
_BACK_OFF: tuple[Key, ...] = (
    (MANAGEMENT_LEVEL, COST_CENTER),
    (COST_CENTER,),
    (MANAGEMENT_LEVEL, DEPARTMENT),
    (DEPARTMENT,),
    (MANAGEMENT_LEVEL,),
    (),
)


@dataclass(frozen=True)
class Result:
    """Personas answered and confidences of them."""

    persona: Ints
    confidence: Floats


Learner = Callable[[Observations, Observations], Result]
HoldOut = Callable[[Sequence[Row], int, str], Split]


def majority(known: Observations, strangers: Observations) -> Result:
    """Answer (a) the commonest persona of the first key of the chain that anybody holds."""
    evidence = Evidence(known)
    persona = np.zeros(len(strangers), dtype=np.int64)
    confidence = np.zeros(len(strangers))
    is_open = np.ones(len(strangers), dtype=np.bool_)
    for key in _BACK_OFF:
        if not set(key) <= set(evidence.attributes):
            continue
        rows = np.flatnonzero(is_open & (evidence.support(key, strangers.codes) > 0))
        if len(rows):
            held, n = evidence.counts(key, strangers.codes[rows])
            persona[rows], confidence[rows] = held.argmax(axis=1), held.max(axis=1) / n
            is_open[rows] = False
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
    return _stack(known, strangers, model)


def boosting(known: Observations, strangers: Observations) -> Result:
    """Answer (d) by boosting over the out-of-fold evidence, person by person: no table."""
    return _stack(known, strangers, learn.boosting())


LEARNERS: dict[str, Learner] = {
    "(a) majority by cell with back-off": majority,
    "(b) hierarchical smoothing": hierarchical,
    "(c) naive Bayes": naive_bayes,
    "one-hot logistic regression": one_hot_logistic,
    "logistic stack": logistic_stack,
    "(d) boosted stack, no table": boosting,
}
SHIPPED = "shipped: boosted look-ups, tabulated"


def main() -> None:
    """Run the comparison and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--ignore", action="append", default=[])
    arguments = parser.parse_args()
    ignored = frozenset(arguments.ignore)
    rows = read_rows(load_settings().raw)
    table = Table(title=f"{len(rows):,} known people, {arguments.splits} splits")
    for heading in (
        "held out",
        "learner",
        "accuracy",
        "coverage",
        "precision",
        "in hindsight",
        "s",
    ):
        table.add_column(heading)
    with threadpool_limits(limits=1):
        for hold_out in (at_random, unseen_centers):
            splits = [hold_out(rows, PARTS, str(n)) for n in range(arguments.splits)]
            for name, learner in LEARNERS.items():
                started = time.perf_counter()
                figures = [_figures(split, learner, hold_out, ignored) for split in splits]
                table.add_row(splits[0].name, name, *_mean(figures), _seconds(started))
            started = time.perf_counter()
            figures = [_shipped(split, ignored) for split in splits]
            table.add_row(splits[0].name, SHIPPED, *_mean(figures), _seconds(started))
            table.add_section()
    Console(width=120).print(table)


def _figures(
    split: Split, learner: Learner, hold_out: HoldOut, ignored: frozenset[str]
) -> tuple[float, ...]:
    inner = hold_out(split.known, PARTS, "threshold")
    confidence, is_right = _asked(inner, learner, ignored)
    needed = lowest_safe(confidence, is_right, PRECISION)
    confidence, is_right = _asked(split, learner, ignored)
    return _sum_up(confidence, is_right, confidence >= needed)


def _asked(split: Split, learner: Learner, ignored: frozenset[str]) -> tuple[Floats, Bools]:
    everybody = known_people([*split.known, *split.strangers], ignored).people
    is_known = np.arange(len(everybody)) < len(split.known)
    strangers = everybody.only(~is_known)
    result = learner(everybody.only(is_known), strangers)
    return result.confidence, strangers.holds(np.arange(len(strangers)), result.persona)


def _shipped(split: Split, ignored: frozenset[str]) -> tuple[float, ...]:
    answers = measure(split, ignored)
    return _sum_up(
        np.array([answer.confidence for answer in answers]),
        np.array([answer.is_right for answer in answers]),
        np.array([answer.assured_precision >= PRECISION for answer in answers]),
    )


def _sum_up(confidence: Floats, is_right: Bools, is_chosen: Bools) -> tuple[float, ...]:
    hindsight = confidence >= lowest_safe(confidence, is_right, PRECISION)
    precision = float(is_right[is_chosen].mean()) if is_chosen.any() else float("nan")
    return float(is_right.mean()), float(is_chosen.mean()), precision, float(hindsight.mean())


def _mean(figures: list[tuple[float, ...]]) -> list[str]:
    return [f"{value:.3f}" for value in np.nanmean(np.array(figures), axis=0)]


def _seconds(started: float) -> str:
    return f"{time.perf_counter() - started:.0f}"


def _best(pairs: Pairs, column: int, n_queries: int) -> Result:
    best = learn.best_of(pairs, np.exp(pairs.features[:, column]), n_queries)
    return Result(best.persona[:, 0], best.score[:, 0])


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
    known: Observations, strangers: Observations, model: HistGradientBoostingClassifier | Pipeline
) -> Result:
    folds = fold_of(known.brids, N_FOLDS, "stack")
    features, is_held = [], []
    for fold in range(N_FOLDS):
        held_out = known.only(folds == fold)
        pairs = Evidence(known.only(folds != fold)).pairs(held_out.codes)
        features.append(pairs.features)
        is_held.append(held_out.holds(pairs.query, pairs.persona))
    model.fit(np.concatenate(features), np.concatenate(is_held))
    pairs = Evidence(known).pairs(strangers.codes)
    best = learn.best_of(pairs, model.predict_proba(pairs.features)[:, 1], len(strangers))
    return Result(best.persona[:, 0], best.score[:, 0])


if __name__ == "__main__":
    main()
