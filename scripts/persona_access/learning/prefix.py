"""Choose how many leading characters of a cost center say most about unseen cost centers."""

from __future__ import annotations

import numpy as np
from scipy import sparse

_LENGTHS = range(2, 11)
_MIN_GAIN = 0.01


def prefix_of(cost_center: str | None, length: int) -> str | None:
    """Return the prefix of this length; a cost center that is not longer has none."""
    return cost_center[:length] if cost_center and len(cost_center) > length else None


def best_prefix_length(cost_centers: list[str | None], held: list[list[str]]) -> int:
    """Choose the length by leaving out one cost center at a time; 0 when no length helps.

    A length scores the mean log probability of the personas of the people left out, given the
    other cost centers with the same prefix, smoothed towards everybody's personas.
    """
    pairs = [
        (center, persona)
        for center, personas in zip(cost_centers, held, strict=True)
        if center
        for persona in personas
    ]
    if not pairs:
        return 0
    centers, center = np.unique([pair[0] for pair in pairs], return_inverse=True)
    personas, persona = np.unique([pair[1] for pair in pairs], return_inverse=True)
    counts = sparse.csr_array(
        (np.ones(len(pairs)), (center, persona)), shape=(len(centers), len(personas))
    )
    base = np.asarray(counts.sum(axis=0)).ravel() / len(pairs)
    scores = {0: float(np.log(base[persona]).mean())}
    for length in _LENGTHS:
        # A cost center without a prefix is alone, under a name that no prefix can have.
        names = [prefix_of(name, length) or f"{name} alone" for name in centers.tolist()]
        _, group = np.unique(names, return_inverse=True)
        member = sparse.csr_array((np.ones(len(centers)), (group, np.arange(len(centers)))))
        others = sparse.csr_array(member.T @ (member @ counts) - counts)
        n_others = np.asarray(others.sum(axis=1)).ravel()
        distinct = np.asarray((others > 0).sum(axis=1)).ravel()
        weight = np.maximum(distinct, 1.0)[center]
        chosen = np.asarray(others[center, persona]).ravel()
        p = (chosen + weight * base[persona]) / (n_others[center] + weight)
        scores[length] = float(np.log(p).mean())
    best = max(scores, key=lambda length: (scores[length], -length))
    return best if scores[best] > scores[0] + _MIN_GAIN else 0
