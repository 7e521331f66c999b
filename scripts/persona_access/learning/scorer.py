"""Classifiers that learn, from people held out, which candidate persona somebody holds.

There are two, because the features that distinguish personas among colleagues mislead among
strangers. One is trained on people held out at random and is used if the cost center is known; the
other is trained on all ways of holding out and is used elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier

from persona_access.learning.assure import NEWCOMERS
from persona_access.learning.evidence import SMOOTHED_SHARE, Pairs
from persona_access.learning.groups import is_place_known
from persona_access.learning.observations import Bools, Floats, Ints, Observations
from persona_access.learning.simulate import LookUps, joined

RANDOM = "random"
MAX_TAUGHT_PEOPLE = 9_000
# The weight of the smoothed share elsewhere, in log-odds.
_SAY_OF_SMOOTHED_SHARE = 0.25
_SANE = (1e-6, 1 - 1e-6)
# All trees score this many rows at once, which then stay in the cache of the processor.
_ROWS_AT_ONCE = 4_000


@dataclass(frozen=True)
class Scorer:
    """The learned classifiers; None without examples: the smoothed share decides."""

    among_known: HistGradientBoostingClassifier | None
    elsewhere: HistGradientBoostingClassifier | None

    def scores(self, pairs: Pairs, group: Ints) -> Floats:
        """Score candidates; `group` is the assurance group of each query."""
        features = pairs.features
        smoothed = logit(np.clip(np.exp(features[:, SMOOTHED_SHARE].astype(np.float64)), *_SANE))
        scores = smoothed.copy()
        known = is_place_known(group)[pairs.query]
        if self.among_known is not None and known.any():
            scores[known] = _log_odds(self.among_known, features[known])
        if self.elsewhere is not None and not known.all():
            # The smoothed share stabilises a model that was trained on few people.
            scores[~known] *= _SAY_OF_SMOOTHED_SHARE
            scores[~known] += (1 - _SAY_OF_SMOOTHED_SHARE) * _log_odds(
                self.elsewhere, features[~known]
            )
        return np.asarray(expit(scores))


def fit_scorer(people: Observations, ways: Mapping[str, LookUps], chosen: Bools) -> Scorer:
    """Learn from the look-ups of some people; newcomers are only used to measure."""
    all_ways = joined([part for name, part in ways.items() if name != NEWCOMERS])
    boosted = boosting()
    elsewhere = boosted if _taught(boosted, people, all_ways, chosen) else None
    if RANDOM not in ways:
        return Scorer(None, elsewhere)
    closer = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.04,
        max_leaf_nodes=31,
        max_features=0.3,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return Scorer(closer if _taught(closer, people, ways[RANDOM], chosen) else None, elsewhere)


def boosting() -> HistGradientBoostingClassifier:
    """Return the unfitted classifier for people from elsewhere."""
    return HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )


def _taught(
    model: HistGradientBoostingClassifier,
    people: Observations,
    lookups: LookUps,
    chosen: Bools,
) -> bool:
    """Fit a model to look-ups of the chosen people; return whether they were enough."""
    taught = chosen[lookups.row]
    # Every n-th of them, so that all ways and groups remain represented.
    step = max(1, -(-int(taught.sum()) // MAX_TAUGHT_PEOPLE))
    some = lookups.queries(taught & (np.cumsum(taught) % step == 0))
    truth = people.holds(some.row[some.pairs.query], some.pairs.persona)
    if not 0 < truth.sum() < len(truth):
        return False
    model.fit(some.pairs.features, truth)
    return True


def _log_odds(model: HistGradientBoostingClassifier, features: Floats) -> Floats:
    held = [
        model.predict_proba(features[start : start + _ROWS_AT_ONCE])[:, 1]
        for start in range(0, len(features), _ROWS_AT_ONCE)
    ]
    return np.asarray(logit(np.clip(np.concatenate(held), *_SANE)))
