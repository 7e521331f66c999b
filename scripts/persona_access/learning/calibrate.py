"""From scores to confidences: how often held-out people with such a score were right.

Beta calibration (Kull, Silva Filho, Flach 2017): the log-odds of being right are linear in log(s)
and -log(1 - s) of the score s. Three parameters need few people and never reorder the scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from persona_access.learning.observations import Bools, Floats, Texts

# What an answer rests on: people with these very values; the cost center and the level apart; or
# less than the cost center. Each has its own curve.
OBSERVED, COMBINED, COARSE = "observed", "combined", "coarse"
_BASES = (OBSERVED, COMBINED, COARSE)

MIN_PEOPLE = 100
_STEPS = 200
_CONVERGED = 1e-9
_GRID = np.linspace(0.001, 0.999, 999)
_PRIOR_SCORES = np.linspace(0.05, 0.95, 19)
_PRIOR_WEIGHT = 0.25


@dataclass(frozen=True)
class Curve:
    """The share of right answers expected at each score of a fixed grid."""

    estimates: Floats

    def estimate(self, scores: Floats) -> Floats:
        """Return the share of right answers expected at each score."""
        return np.interp(scores, _GRID, self.estimates)


@dataclass(frozen=True)
class Calibration:
    """The curves of one training, by what answers rest on."""

    curves: dict[str, Curve]

    def confidence(self, scores: Floats, basis: Texts, ceiling: Floats) -> Floats:
        """Turn scores of best answers into confidences; none exceeds its ceiling.

        An answer whose basis has too few held-out people to bear it out gets the curve of the
        next weaker basis; without any, its confidence is 0: a suggestion.
        """
        confidence = np.zeros(len(scores))
        for position, name in enumerate(_BASES):
            curve = next((self.curves[b] for b in _BASES[position:] if b in self.curves), None)
            if curve is not None:
                confidence[basis == name] = curve.estimate(scores[basis == name])
        return np.minimum(confidence, ceiling)


# Scores of people held out in one way, whether the answer was right, what it rests on.
Classified = tuple[Floats, Bools, Texts]


def calibrate(at_random: Classified, unseen_centers: Classified) -> Calibration:
    """Fit the curves: answers without the cost center are classified by cost centers never seen."""
    scores, is_right, basis = at_random
    fitted = {
        name: fit_curve(scores[basis == name], is_right[basis == name])
        for name in (OBSERVED, COMBINED)
    }
    fitted[COARSE] = fit_curve(*unseen_centers[:2])
    return Calibration({name: curve for name, curve in fitted.items() if curve is not None})


def fit_curve(scores: Floats, is_right: Bools) -> Curve | None:
    """Fit a calibration curve; None when there are too few people to say anything."""
    if len(scores) < MIN_PEOPLE:
        return None
    # Invented people, few and right as often as their score says, keep the curve sane where real
    # ones are all right or all wrong.
    design = _design(np.concatenate([scores, _PRIOR_SCORES]))
    right = np.concatenate([is_right.astype(np.float64), _PRIOR_SCORES])
    weight = np.concatenate([np.ones(len(scores)), np.full(len(_PRIOR_SCORES), _PRIOR_WEIGHT)])
    used = np.array([True, True, True])
    coefficients = _fit(design, right, weight, used)
    if (coefficients[1:] < 0).any():
        # A curve that falls with the score would be noise; without the term it cannot.
        used[1:] = coefficients[1:] > 0
        coefficients = _fit(design, right, weight, used)
    # Nothing is claimed beyond the highest score that held-out people had.
    return Curve(_sigmoid(_design(np.minimum(_GRID, scores.max())) @ coefficients))


def _fit(design: Floats, right: Floats, weight: Floats, used: Bools) -> Floats:
    """Fit logistic regression on the used columns by Newton's method; the others get 0."""
    coefficients = used.astype(np.float64)
    coefficients[0] = 0.0
    columns = design[:, used]
    for _ in range(_STEPS):
        p = _sigmoid(design @ coefficients)
        information = (columns * (weight * p * (1 - p))[:, None]).T @ columns
        step = np.linalg.solve(information, columns.T @ (weight * (right - p)))
        # Halved steps cannot run away from a far start.
        coefficients[used] += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _CONVERGED:
            break
    return coefficients


def _design(scores: Floats) -> Floats:
    clipped = np.clip(scores, _GRID[0], _GRID[-1])
    return np.column_stack([np.ones(len(clipped)), np.log(clipped), -np.log1p(-clipped)])


def _sigmoid(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30))))
