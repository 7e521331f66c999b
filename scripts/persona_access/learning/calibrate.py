"""Turn scores into confidences: how often held-out people with such a score were right.

Beta calibration (Kull, Silva Filho, Flach 2017): the log-odds of being right are linear in log(s)
and -log(1 - s) of the score s. Three parameters need few people and never reorder the scores. Each
group has its own curve, which pseudo-observations draw towards the curve of everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from persona_access.learning.observations import Bools, Floats, Ints

_STEPS = 200
_CONVERGED = 1e-9
_GRID = np.linspace(0.001, 0.999, 999)
_PRIOR_SCORES = np.linspace(0.025, 0.975, 20)
# The number of pseudo-observations for the curve of everybody, and for that of a group.
_PRIOR_PEOPLE = 5.0
_PRIOR_PEOPLE_OF_A_GROUP = 20.0


@dataclass(frozen=True)
class Curve:
    """The share of right answers expected at each score of a fixed grid."""

    estimates: Floats

    def estimate(self, scores: Floats) -> Floats:
        """Return the share of right answers expected at each score."""
        return np.interp(scores, _GRID, self.estimates)


AS_SAID = Curve(_GRID)


@dataclass(frozen=True)
class Calibration:
    """The curve of everybody, and the curves of the groups."""

    everybody: Curve
    groups: dict[int, Curve]

    def confidence(self, scores: Floats, group: Ints) -> Floats:
        """Turn scores of best answers into confidences."""
        confidence = self.everybody.estimate(scores)
        for number, curve in self.groups.items():
            confidence[group == number] = curve.estimate(scores[group == number])
        return confidence


def calibrate(scores: Floats, is_right: Bools, group: Ints) -> Calibration:
    """Fit the curves to people held out."""
    everybody = fit_curve(scores, is_right, AS_SAID, _PRIOR_PEOPLE)
    return Calibration(
        everybody,
        {
            int(number): fit_curve(
                scores[group == number],
                is_right[group == number],
                everybody,
                _PRIOR_PEOPLE_OF_A_GROUP,
            )
            for number in np.unique(group)
        },
    )


def fit_curve(scores: Floats, is_right: Bools, prior: Curve, n_prior: float) -> Curve:
    """Fit a calibration curve; `n_prior` pseudo-observations follow the prior."""
    design = _design(np.concatenate([scores, _PRIOR_SCORES]))
    right = np.concatenate([is_right.astype(np.float64), prior.estimate(_PRIOR_SCORES)])
    weight = np.concatenate([np.ones(len(scores)), np.full(20, n_prior / len(_PRIOR_SCORES))])
    used = np.array([True, True, True])
    coefficients = _fit(design, right, weight, used)
    if (coefficients[1:] < 0).any():
        # A curve that falls with the score would be noise; without this term it cannot fall.
        used[1:] = coefficients[1:] > 0
        coefficients = _fit(design, right, weight, used)
    # No confidence exceeds that of the highest score that held-out people had.
    most = max(float(scores.max(initial=0.0)), float(_PRIOR_SCORES[-1]))
    return Curve(_sigmoid(_design(np.minimum(_GRID, most)) @ coefficients))


def _fit(design: Floats, right: Floats, weight: Floats, used: Bools) -> Floats:
    """Fit logistic regression on the used columns by Newton's method; the others get 0."""
    coefficients = used.astype(np.float64)
    coefficients[0] = 0.0
    columns = design[:, used]
    for _ in range(_STEPS):
        p = _sigmoid(design @ coefficients)
        information = (columns * (weight * p * (1 - p))[:, None]).T @ columns
        step = np.linalg.solve(information, columns.T @ (weight * (right - p)))
        # Halved steps cannot diverge from a distant start.
        coefficients[used] += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _CONVERGED:
            break
    return coefficients


def _design(scores: Floats) -> Floats:
    clipped = np.clip(scores, _GRID[0], _GRID[-1])
    return np.column_stack([np.ones(len(clipped)), np.log(clipped), -np.log1p(-clipped)])


def _sigmoid(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30))))
