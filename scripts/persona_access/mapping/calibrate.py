"""From scores to confidences that held-out people bear out.

Beta calibration (Kull, Silva Filho, Flach 2017): the log-odds of being right are linear in log(s)
and -log(1 - s) of the score s. Three parameters need few people, never reorder the scores, and
have a covariance, so the curve has a lower bound. People of one cost center share their mistakes:
the covariance is the one that is robust to such clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from persona_access.mapping.observations import Bools, Floats, Ints, Texts

# What an answer rests on: people with these very values; the cost center and the level apart; or
# less than the cost center. Each has its own curve.
OBSERVED, COMBINED, COARSE = "observed", "combined", "coarse"
_BASES = (OBSERVED, COMBINED, COARSE)

MIN_PEOPLE = 100
# One-sided 95 %: where the curve itself is uncertain, the confidence is its lower bound.
_Z = 1.645
_RIDGE = 1e-2
_STEPS = 50
_GRID = np.linspace(0.001, 0.999, 999)


@dataclass(frozen=True)
class Curve:
    """How often held-out people with a score were right: estimate and lower bound by score."""

    estimates: Floats
    bounds: Floats
    n_people: int

    def estimate(self, scores: Floats) -> Floats:
        """Return the share of right answers expected at each score."""
        return np.interp(scores, _GRID, self.estimates)

    def bound(self, scores: Floats) -> Floats:
        """Return the lower bound of that share."""
        return np.interp(scores, _GRID, self.bounds)


@dataclass(frozen=True)
class Calibration:
    """The curves of one training: by what answers rest on, and of the newest joiners."""

    curves: dict[str, Curve]
    newest_joiners: Curve | None

    def confidence(self, scores: Floats, basis: Texts) -> Floats:
        """Turn scores of best answers into confidences; the worst way of holding out decides.

        An answer whose basis has too few held-out people to bear it out gets the curve of the
        next weaker basis; without any, its confidence is 0: a suggestion.
        """
        confidence = np.zeros(len(scores))
        for position, name in enumerate(_BASES):
            curve = next((self.curves[b] for b in _BASES[position:] if b in self.curves), None)
            if curve is not None:
                confidence[basis == name] = curve.bound(scores[basis == name])
        if self.newest_joiners is not None:
            confidence = np.minimum(confidence, self.newest_joiners.estimate(scores))
        return confidence


# Scores of people held out in one way, whether the answer was right, cost centers, bases.
Judged = tuple[Floats, Bools, Ints, Texts]


def calibrate(at_random: Judged, unseen_centers: Judged, joiners: Judged) -> Calibration:
    """Fit the curves from people held out at random, by cost center, and the newest joiners."""
    scores, is_right, centers, basis = at_random
    fitted = {
        name: fit_curve(scores[basis == name], is_right[basis == name], centers[basis == name])
        for name in (OBSERVED, COMBINED)
    }
    fitted[COARSE] = fit_curve(*unseen_centers[:3])
    return Calibration(
        curves={name: curve for name, curve in fitted.items() if curve is not None},
        newest_joiners=fit_curve(*joiners[:3]),
    )


def fit_curve(scores: Floats, is_right: Bools, clusters: Ints) -> Curve | None:
    """Fit a calibration curve; None when there are too few people to say anything."""
    if len(scores) < MIN_PEOPLE:
        return None
    design = _design(scores)
    weights = np.array([0.0, 1.0, 1.0])
    # Drawn towards "the score is right" with the weight of a hundredth of a person.
    prior = weights.copy()
    for _ in range(_STEPS):
        p = _sigmoid(design @ weights)
        gradient = design.T @ (is_right - p) - _RIDGE * (weights - prior)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + _RIDGE * np.eye(3)
        step = np.linalg.solve(hessian, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    p = _sigmoid(design @ weights)
    bread = np.linalg.inv(hessian)
    _, cluster = np.unique(clusters, return_inverse=True)
    per_cluster = np.zeros((cluster.max() + 1, 3))
    np.add.at(per_cluster, cluster, design * (is_right - p)[:, None])
    covariance = bread @ (per_cluster.T @ per_cluster) @ bread
    grid = _design(_GRID)
    log_odds = grid @ weights
    error = np.sqrt(np.einsum("ij,jk,ik->i", grid, covariance, grid))
    return Curve(
        estimates=np.maximum.accumulate(_sigmoid(log_odds)),
        bounds=np.maximum.accumulate(_sigmoid(log_odds - _Z * error)),
        n_people=len(scores),
    )


def _design(scores: Floats) -> Floats:
    clipped = np.clip(scores, _GRID[0], _GRID[-1])
    return np.column_stack([np.ones(len(clipped)), np.log(clipped), -np.log1p(-clipped)])


def _sigmoid(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30))))
