"""From scores to confidences that held-out people bear out.

Beta calibration (Kull, Silva Filho, Flach 2017): the log-odds of being right are linear in log(s)
and -log(1 - s) of the score s. Three parameters need few people, never reorder the scores, and
have a covariance, so the curve has a lower bound. People of one cost center share their mistakes,
which the covariance takes into account.
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
_STEPS = 200
_CONVERGED = 1e-9
_GRID = np.linspace(0.001, 0.999, 999)
_PRIOR_SCORES = np.linspace(0.05, 0.95, 19)
_PRIOR_WEIGHT = 0.25


@dataclass(frozen=True)
class Curve:
    """How often held-out people with a score were right: estimate and bounds by score.

    `bounds` is the lower bound; `uppers` is one standard error above the estimate.
    """

    estimates: Floats
    bounds: Floats
    uppers: Floats
    n_people: int

    def estimate(self, scores: Floats) -> Floats:
        """Return the share of right answers expected at each score."""
        return np.interp(scores, _GRID, self.estimates)

    def bound(self, scores: Floats) -> Floats:
        """Return the lower bound of that share."""
        return np.interp(scores, _GRID, self.bounds)

    def upper(self, scores: Floats) -> Floats:
        """Return the share that would still be no surprise."""
        return np.interp(scores, _GRID, self.uppers)


@dataclass(frozen=True)
class Calibration:
    """The curves of one training: by what answers rest on, of everybody, and of newcomers."""

    curves: dict[str, Curve]
    everybody: Curve | None
    newcomers: Curve | None

    def confidence(self, scores: Floats, basis: Texts, ceiling: Floats) -> Floats:
        """Turn scores of best answers into confidences; the worst way of holding out decides.

        An answer whose basis has too few held-out people to bear it out gets the curve of the
        next weaker basis; without any, its confidence is 0: a suggestion. Where newcomers did
        worse than everybody with the same score, beyond chance, the odds are lowered as much. No
        confidence exceeds its ceiling.
        """
        confidence = np.zeros(len(scores))
        for position, name in enumerate(_BASES):
            curve = next((self.curves[b] for b in _BASES[position:] if b in self.curves), None)
            if curve is not None:
                confidence[basis == name] = curve.bound(scores[basis == name])
        if self.everybody is not None and self.newcomers is not None:
            usual = _log_odds(self.everybody.estimate(scores))
            penalty = np.maximum(usual - _log_odds(self.newcomers.upper(scores)), 0.0)
            confidence = _sigmoid(_log_odds(confidence) - penalty)
        return np.minimum(confidence, ceiling)


# Scores of people held out in one way, whether the answer was right, cost centers, bases.
Judged = tuple[Floats, Bools, Ints, Texts]


def calibrate(at_random: Judged, unseen_centers: Judged, newcomers: Judged) -> Calibration:
    """Fit the curves from people held out at random, by cost center, and the newcomers."""
    scores, is_right, centers, basis = at_random
    fitted = {
        name: fit_curve(scores[basis == name], is_right[basis == name], centers[basis == name])
        for name in (OBSERVED, COMBINED)
    }
    fitted[COARSE] = fit_curve(*unseen_centers[:3])
    return Calibration(
        curves={name: curve for name, curve in fitted.items() if curve is not None},
        everybody=fit_curve(*at_random[:3]),
        newcomers=fit_curve(*newcomers[:3]),
    )


def fit_curve(scores: Floats, is_right: Bools, clusters: Ints) -> Curve | None:
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
    grid = _design(np.minimum(_GRID, scores.max()))
    log_odds = grid @ coefficients
    error = _standard_error(
        grid, _design(scores), is_right, design, weight, coefficients, used, clusters
    )
    bounds = _sigmoid(log_odds - _Z * error)
    return Curve(
        estimates=_sigmoid(log_odds),
        # Where evidence is thin the bound dips; nothing below a dip may claim more than it.
        bounds=np.minimum.accumulate(bounds[::-1])[::-1],
        uppers=_sigmoid(log_odds + error),
        n_people=len(scores),
    )


def _fit(design: Floats, right: Floats, weight: Floats, used: Bools) -> Floats:
    """Fit logistic regression on the used columns by Newton's method; the others get 0."""
    coefficients = used.astype(np.float64)
    coefficients[0] = 0.0
    for _ in range(_STEPS):
        p = _sigmoid(design @ coefficients)
        gradient = design[:, used].T @ (weight * (right - p))
        step = np.linalg.solve(_information(design[:, used], weight, p), gradient)
        # Halved steps cannot run away from a far start.
        coefficients[used] += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _CONVERGED:
            break
    return coefficients


def _standard_error(
    grid: Floats,
    own_design: Floats,
    is_right: Bools,
    design: Floats,
    weight: Floats,
    coefficients: Floats,
    used: Bools,
    clusters: Ints,
) -> Floats:
    """Return the standard error of the curve's log-odds: the larger of two.

    One assumes that people are right or wrong independently, the other that those of one cluster
    are so together.
    """
    inverse = np.linalg.inv(_information(design[:, used], weight, _sigmoid(design @ coefficients)))
    residual = is_right - _sigmoid(own_design @ coefficients)
    _, cluster = np.unique(clusters, return_inverse=True)
    per_cluster = np.zeros((cluster.max() + 1, int(used.sum())))
    np.add.at(per_cluster, cluster, own_design[:, used] * residual[:, None])
    clustered = inverse @ (per_cluster.T @ per_cluster) @ inverse
    asked = grid[:, used]
    variances = [np.einsum("ij,jk,ik->i", asked, c, asked) for c in (inverse, clustered)]
    return np.asarray(np.sqrt(np.maximum(*variances)))


def _information(design: Floats, weight: Floats, p: Floats) -> Floats:
    return np.asarray((design * (weight * p * (1 - p))[:, None]).T @ design)


def _design(scores: Floats) -> Floats:
    clipped = np.clip(scores, _GRID[0], _GRID[-1])
    return np.column_stack([np.ones(len(clipped)), np.log(clipped), -np.log1p(-clipped)])


def _log_odds(share: Floats) -> Floats:
    clipped = np.clip(share, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def _sigmoid(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30))))
