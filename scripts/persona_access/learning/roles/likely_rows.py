"""Score which unlisted pairs of persona and application look like rows of the persona list.

A fixed share of holders says little: a person in two personas holds what both list. The rows of the
list itself show what its owners list. Each row is described as if it were not listed, decision
trees learn to distinguish rows from other access that most members hold, and every pair is scored
by trees that have not seen it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process, utils
from scipy import sparse
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from persona_access.learning.roles.matrices import Bank

Floats = NDArray[np.float64]

# Fewer rows of a list are not enough to learn from.
MIN_ROWS = 40
# Pairs that fewer members hold are left out.
MIN_SHARE = 0.5
# An unlisted pair is proposed from these likelihoods upwards; docs/personas.md has the figures.
MIN_LIKELIHOOD = 0.5
MIN_LIKELIHOOD_OF_ANOTHER = 0.8
# The share of members that another persona of the same people has, and by how many points of 100
# its name is more similar.
_SAME_PEOPLE = 0.95
_MORE_ALIKE = 3
_FOLDS = 5
_TREES = 150
# Scores depend on how the pairs are split; the mean of several splits depends on it less.
_DEALS = 3
# No likelihood is 1, or one persona would explain all access of its members for good.
_MOST_SURE = 0.97
# Unlisted pairs that look this much like rows are not used as counterexamples.
_IN_DOUBT = 0.35


@dataclass(frozen=True)
class Scores:
    """Candidates, as numbers of persona and application, with their likelihood to be a row.

    `likelihood` is from 0 to 1; `is_listed` says which candidates the list has. `is_of_another`
    marks pairs for which another persona of the same people has a name more like the application,
    and lists it or likely should: that persona explains the access.
    """

    persona: NDArray[np.intp]
    application: NDArray[np.intp]
    likelihood: Floats
    is_listed: NDArray[np.bool_]
    is_of_another: NDArray[np.bool_]

    def likely(self) -> NDArray[np.bool_]:
        """Return the candidates that are likely enough to be rows; `is_of_another` needs more."""
        least = np.where(self.is_of_another, MIN_LIKELIHOOD_OF_ANOTHER, MIN_LIKELIHOOD)
        return self.likelihood >= least


def score(bank: Bank, *, seed: int = 7) -> Scores:
    """Score all pairs that at least half of the members hold, listed or not.

    Raises ValueError if the list has too few rows to learn from.
    """
    persona, application, features = describe(bank)
    is_listed = bank.listed.toarray()[persona, application] > 0
    if is_listed.sum() < MIN_ROWS or (~is_listed).sum() < MIN_ROWS:
        raise ValueError("too few rows to learn from")
    # Many small fits: threads would wait for each other.
    with threadpool_limits(1):
        return _scored(bank, persona, application, features, is_listed, seed)


def _scored(
    bank: Bank,
    persona: NDArray[np.intp],
    application: NDArray[np.intp],
    features: Floats,
    is_listed: NDArray[np.bool_],
    seed: int,
) -> Scores:
    first = _unseen(features, is_listed, is_listed | True, seed)
    # Rows that the list lacks are among the unlisted pairs: the most likely ones are not used.
    teaches = is_listed | (first < _IN_DOUBT)
    features = np.column_stack(
        [features, _left_by_others(bank, persona, application, np.where(is_listed, 1, first))]
    )
    likelihood = np.mean(
        [_unseen(features, is_listed, teaches, seed + deal) for deal in range(1, _DEALS + 1)],
        axis=0,
    )
    elsewhere = of_another(bank, persona, application, np.where(is_listed, 1, likelihood))
    return Scores(persona, application, likelihood, is_listed, elsewhere)


def of_another(
    bank: Bank, persona: NDArray[np.intp], application: NDArray[np.intp], likelihood: Floats
) -> NDArray[np.bool_]:
    """Return the pairs whose access another persona of the same people explains, see `Scores`."""
    likely = np.zeros(bank.listed.shape, dtype=bool)
    likely[persona, application] = likelihood >= 0.5
    names = _likeness(bank)["names"]
    n_members = np.maximum(np.asarray(bank.members.sum(axis=0)).ravel(), 1)
    within = (bank.members.T @ bank.members).toarray() / n_members[:, None]
    np.fill_diagonal(within, 0)
    found = np.zeros(len(persona), dtype=bool)
    for place, (one, app) in enumerate(zip(persona, application, strict=True)):
        others = likely[:, app] & (within[one] >= _SAME_PEOPLE)
        found[place] = (names[others, app] > names[one, app] + _MORE_ALIKE).any()
    return found


def _unseen(
    features: Floats, is_listed: NDArray[np.bool_], teaches: NDArray[np.bool_], seed: int
) -> Floats:
    """Score each pair by models that were not trained on it."""
    found = np.zeros(len(is_listed))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    for shown, asked in folds.split(features, is_listed):
        taught = shown[teaches[shown]]
        for model in (
            ExtraTreesClassifier(
                _TREES, min_samples_leaf=2, max_features=None, random_state=seed, n_jobs=1
            ),
            HistGradientBoostingClassifier(
                max_iter=100, learning_rate=0.08, l2_regularization=1.0, random_state=seed
            ),
        ):
            model.fit(features[taught], is_listed[taught])
            found[asked] += model.predict_proba(features[asked])[:, 1] / 2
    return found


def describe(bank: Bank) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Describe each candidate by what would be known about it if the list did not have it."""
    members, held, listed = bank.members, bank.held, bank.listed
    n_members = np.asarray(members.sum(axis=0)).ravel()
    holders = (members.T @ held).toarray()
    share = holders / np.maximum(n_members, 1)[:, None]
    persona, application = np.nonzero((share >= MIN_SHARE) & (n_members > 0)[:, None])
    is_listed = listed.toarray()[persona, application]
    n_holders = np.asarray(held.sum(axis=0)).ravel()
    privileged = (members.T @ bank.privileged).toarray()
    n_privileged = np.asarray(bank.privileged.sum(axis=0)).ravel()

    # Access that no persona of its holder lists, and that only one does.
    times_listed = (members @ listed).multiply(held).tocsr()
    by_one = times_listed.copy()
    by_one.data = (by_one.data == 1).astype(float)
    explained = times_listed.copy()
    explained.data = (explained.data > 0).astype(float)
    unlisted = (held - explained).tocsr()
    unlisted_here = (members.T @ unlisted).toarray()
    by_this_alone = (members.T @ by_one).toarray()
    n_unlisted = np.asarray(unlisted.sum(axis=0)).ravel()
    own_alone = by_this_alone[persona, application] * is_listed
    left_here = unlisted_here[persona, application] + own_alone
    left_anywhere = n_unlisted[application] + own_alone

    here = holders[persona, application]
    size = n_members[persona]
    everywhere = n_holders[application]
    jaccard = holders / np.maximum(n_members[:, None] + n_holders[None, :] - holders, 1)
    priv_here = privileged[persona, application]
    outside = np.maximum(everywhere - here, 1)
    alike = _likeness(bank)
    listing = _listing_personas(members, listed, n_members, alike, persona, application)
    names = alike["names"]
    parts = alike["parts"]
    columns = [
        share[persona, application],
        size,
        left_here / size,
        left_here / np.maximum(left_anywhere, 1),
        left_anywhere / np.maximum(everywhere, 1),
        here / np.maximum(everywhere, 1),
        everywhere,
        np.asarray(listed.sum(axis=1)).ravel()[persona] - is_listed,
        np.asarray(listed.sum(axis=0)).ravel()[application] - is_listed,
        jaccard[persona, application],
        _rank(jaccard, 1)[persona, application],
        _rank(jaccard, 0)[persona, application],
        names[persona, application],
        parts[persona, application],
        _rank(names, 1)[persona, application],
        _rank(names, 0)[persona, application],
        _rank(parts, 1)[persona, application],
        priv_here / np.maximum(here, 1),
        (n_privileged[application] - priv_here) / outside,
        priv_here / np.maximum(n_privileged[application], 1),
        share[persona, application] - everywhere / max(len(bank.people), 1),
        (holders >= n_members[:, None]).sum(axis=1)[persona],
        *listing.T,
    ]
    return persona, application, np.column_stack(columns).astype(float)


def _left_by_others(
    bank: Bank, persona: NDArray[np.intp], application: NDArray[np.intp], likelihood: Floats
) -> Floats:
    """Describe how much access a pair would explain that no other likely row explains.

    Rows that the list lacks are missing from the first description of all others: if the members of
    a persona are also in another one with the same hidden row, the first looks as if it needed that
    row itself.
    """
    shape = bank.listed.shape
    likely = bank.listed.toarray()
    likely[persona, application] = likelihood
    # Few pairs are likely, and only those are stored.
    likely = np.where(likely > 0.05, np.minimum(likely, _MOST_SURE), 0)
    unlikely = sparse.csr_array(np.log1p(-likely))
    # The share of each access that no persona of its holder explains.
    logs = (bank.members @ unlikely).multiply(bank.held).tocsr()
    logs.data = np.expm1(logs.data)
    left = (bank.held + logs).tocsr()
    left_inside = (bank.members.T @ left).toarray()[persona, application]
    # Without the pair itself.
    inside = left_inside / (1 - likely[persona, application])
    anywhere = np.asarray(left.sum(axis=0)).ravel()[application] - left_inside + inside
    n_members = np.maximum(np.asarray(bank.members.sum(axis=0)).ravel(), 1)
    shared = (bank.members.T @ bank.members).toarray()
    np.fill_diagonal(shared, 0)
    within = shared / n_members[:, None]
    alike = shared / (n_members[:, None] + n_members[None, :] - shared)
    rivals = np.zeros(shape)
    rivals[persona, application] = likelihood
    names = _likeness(bank)["names"]
    found = np.empty((len(persona), 6))
    found[:, :3] = np.column_stack(
        [inside / n_members[persona], inside / np.maximum(anywhere, 1e-9), anywhere]
    )
    for app in np.unique(application):
        places = np.nonzero(application == app)[0]
        of_rivals = rivals[:, app]
        found[places, 3] = (within[persona[places]] * of_rivals).max(axis=1)
        found[places, 4] = (alike[persona[places]] * of_rivals).max(axis=1)
        called = (within[persona[places]] * (of_rivals * names[:, app])).max(axis=1)
        found[places, 5] = names[persona[places], app] - called
    return found


def _rank(scores: Floats, axis: int) -> Floats:
    """Count, for each pair, how many of its row (1) or column (0) score higher."""
    ordered = np.sort(scores, axis=axis)
    ranks = np.empty_like(scores)
    for number in range(scores.shape[1 - axis]):
        line = scores[number] if axis == 1 else scores[:, number]
        inner = ordered[number] if axis == 1 else ordered[:, number]
        above = len(inner) - np.searchsorted(inner, line, side="right")
        if axis == 1:
            ranks[number] = above
        else:
            ranks[:, number] = above
    return ranks


def _likeness(bank: Bank) -> dict[str, Floats]:
    """Compare names: of personas with applications, and of personas with each other."""
    personas = [utils.default_process(text) for text in bank.persona_texts]
    applications = [utils.default_process(text) for text in bank.application_texts]
    return {
        "names": process.cdist(personas, applications, scorer=fuzz.token_set_ratio).astype(float),
        "parts": process.cdist(personas, applications, scorer=fuzz.partial_ratio).astype(float),
        "personas": process.cdist(personas, personas, scorer=fuzz.ratio).astype(float),
    }


def _listing_personas(
    members: sparse.csr_array,
    listed: sparse.csr_array,
    n_members: Floats,
    likeness: dict[str, Floats],
    persona: NDArray[np.intp],
    application: NDArray[np.intp],
) -> Floats:
    """Describe the other personas that list the application: shared members, and names.

    If another persona of the same people has a name like the application and lists it, that persona
    explains the access, and this one need not.
    """
    alike, names = likeness["personas"], likeness["names"]
    shared = (members.T @ members).toarray()
    by_application = listed.T.tocsr()
    np.fill_diagonal(alike, 0)
    order = np.sort(alike, axis=1)
    found = np.zeros((len(persona), 7))
    found[:, 6] = names[persona, application]
    for place, (one, app) in enumerate(zip(persona, application, strict=True)):
        others = by_application.indices[by_application.indptr[app] : by_application.indptr[app + 1]]
        others = others[others != one]
        if not len(others):
            continue
        common = shared[one, others]
        likest = alike[one, others].max()
        called = (names[others, app] * common).max() / n_members[one]
        found[place] = (
            (common / n_members[one]).max(),
            (common / np.maximum(n_members[one] + n_members[others] - common, 1)).max(),
            likest,
            len(alike) - np.searchsorted(order[one], likest, side="right"),
            n_members[others].min(),
            called,
            names[one, app] - called,
        )
    return found
