"""Score which unlisted pairs of persona and application look like rows of the persona list.

A fixed share of holders says little: a person in two personas holds what both list. The rows of the
list itself show what its owners list. Each row is described as if it were not listed, decision
trees learn to distinguish rows from other access that most members hold, and every pair is scored
by trees that have not seen it.

A registry often has a grant for each reason to hold an application. If a person has two grants and
one persona that lists the application, one grant is left over, which another persona may explain.
"""

from __future__ import annotations

import re
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
Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]

# Fewer rows of a list are not enough to learn from.
MIN_ROWS = 40
# Pairs that fewer members hold are left out.
MIN_SHARE = 0.5
# An unlisted pair is proposed from this likelihood upwards; docs/personas.md has the figures.
MIN_LIKELIHOOD = 0.5
_FOLDS = 5
_TREES = 150
# Scores depend on how the pairs are split; the mean of several splits depends on it less.
_DEALS = 3
# No likelihood is 1, or one persona would explain all access of its members for good.
_MOST_SURE = 0.97
# Unlisted pairs that look this much like rows are not used as counterexamples.
_IN_DOUBT = 0.35
# How often the kind of each row is derived again from the kinds of all others.
_KIND_ROUNDS = 3
_WORDS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Pairs:
    """Candidates, as numbers of persona and application; which of them the list has."""

    persona: Numbers
    application: Numbers
    is_listed: Flags


@dataclass(frozen=True)
class Scores(Pairs):
    """Candidates with their likelihood, from 0 to 1."""

    likelihood: Floats

    def likely(self) -> Flags:
        """Return which candidates are likely enough for a row."""
        return self.likelihood >= MIN_LIKELIHOOD


def score(bank: Bank, *, seed: int = 7) -> Scores:
    """Score all pairs that at least half of the members hold, listed or not.

    Raises ValueError where the list has too few rows to learn from.
    """
    share = (bank.members.T @ bank.held).toarray() / _sizes(bank)[:, None]
    persona, application = np.nonzero(share >= MIN_SHARE)
    is_listed = bank.listed.toarray()[persona, application] > 0
    if is_listed.sum() < MIN_ROWS or (~is_listed).sum() < MIN_ROWS:
        raise ValueError("too few rows to learn from")
    pairs = Pairs(persona, application, is_listed)
    likeness = _likeness(bank)
    kind = _kinds(bank, pairs)
    # With many small fits, threads would wait for each other.
    with threadpool_limits(1):
        features = _describe(bank, pairs, kind, likeness, np.zeros(len(persona)))
        first = _unseen(features, is_listed, np.ones_like(is_listed), seed)
        # Rows that the list lacks are among the unlisted pairs: the most likely ones are not
        # counterexamples, and they explain access that the first round found unexplained.
        features = _describe(bank, pairs, kind, likeness, np.where(is_listed, 0, first))
        teaches = is_listed | (first < _IN_DOUBT)
        likelihood = np.mean(
            [_unseen(features, is_listed, teaches, seed + deal) for deal in range(1, _DEALS + 1)],
            axis=0,
        )
    return Scores(persona, application, is_listed, likelihood)


def _sizes(bank: Bank) -> Floats:
    """Count the members of each persona, at least one."""
    sizes: Floats = np.maximum(np.asarray(bank.members.sum(axis=0)).ravel(), 1)
    return sizes


def _unseen(features: Floats, is_listed: Flags, teaches: Flags, seed: int) -> Floats:
    """Score each pair by models that were not shown it."""
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


@dataclass(frozen=True)
class _Kinds:
    """The kind of grant that each pair most likely gives, and how sure that is."""

    place: Numbers
    columns: tuple[Floats, ...]


def _kinds(bank: Bank, pairs: Pairs) -> _Kinds:
    """Derive which kind of grant a pair gives: one that its members hold and its persona gives.

    Personas with the same words in their names give the same kinds. Each pair is described by the
    kinds of all other listed pairs.
    """
    some = bank.grants.copy()
    some.data[:] = 1
    shares = (bank.members.T @ some).toarray() / _sizes(bank)[:, None]
    columns = pairs.application[:, None] * bank.n_kinds + np.arange(bank.n_kinds)
    share = shares[pairs.persona[:, None], columns]
    words_of = [{*_WORDS.findall(text.lower()), text} for text in bank.persona_texts]
    number_of = {word: number for number, word in enumerate(sorted(set().union(*words_of)))}
    pair, word = np.array(
        [
            (number, number_of[word])
            for number, persona in enumerate(pairs.persona)
            for word in sorted(words_of[persona])
        ]
    ).T
    n_words = np.bincount(pair)[:, None]
    gives = (share == share.max(axis=1, keepdims=True)).astype(float)
    gives /= gives.sum(axis=1, keepdims=True)
    given = np.empty_like(gives)
    for _ in range(_KIND_ROUNDS):
        taught = gives * pairs.is_listed[:, None]
        usual = taught.sum(axis=0) + 0.1
        usual /= usual.sum()
        of_word = np.zeros((len(number_of), bank.n_kinds))
        np.add.at(of_word, word, taught[pair])
        others = of_word[word] - taught[pair] + 2 * usual
        logs = np.zeros_like(gives)
        np.add.at(logs, pair, np.log(others / others.sum(axis=1, keepdims=True) / usual))
        given = usual * np.exp(logs / np.sqrt(n_words))
        given /= given.sum(axis=1, keepdims=True)
        # A persona hardly gives a kind that only some members hold.
        gives = share**4 * given + 1e-12
        gives /= gives.sum(axis=1, keepdims=True)
    kind = gives.argmax(axis=1)
    every = np.arange(len(kind))
    sure = (given[every, kind], share[every, kind], (given * share).max(axis=1), gives[every, kind])
    # A pair influences the others, which influence it: the digits would show whether it is listed.
    return _Kinds(
        pairs.application * bank.n_kinds + kind, tuple(column.round(1) for column in sure)
    )


def _describe(
    bank: Bank, pairs: Pairs, kinds: _Kinds, likeness: dict[str, Floats], likelihood: Floats
) -> Floats:
    """Describe each candidate by what would be known about it if the list did not have it.

    `likelihood` is that of unlisted pairs, as far as it is known, and 0 of listed ones.
    """
    persona, application, is_listed = pairs.persona, pairs.application, pairs.is_listed
    sizes = _sizes(bank)
    holders = (bank.members.T @ bank.held).toarray()
    n_holders = np.asarray(bank.held.sum(axis=0)).ravel()
    jaccard = holders / np.maximum(sizes[:, None] + n_holders[None, :] - holders, 1)
    names, parts = likeness["names"], likeness["parts"]
    here, everywhere, size = holders[persona, application], n_holders[application], sizes[persona]
    of_any_kind = np.arange(bank.grants.shape[1])
    applications_of = sparse.csr_array(
        (np.ones(len(of_any_kind)), (of_any_kind, of_any_kind // bank.n_kinds))
    )
    columns = [
        here / size,
        size,
        here / np.maximum(everywhere, 1),
        everywhere,
        here / size - everywhere / max(len(bank.people), 1),
        np.asarray(bank.listed.sum(axis=1)).ravel()[persona] - is_listed,
        np.asarray(bank.listed.sum(axis=0)).ravel()[application] - is_listed,
        jaccard[persona, application],
        _rank(jaccard, 1)[persona, application],
        _rank(jaccard, 0)[persona, application],
        names[persona, application],
        parts[persona, application],
        _rank(names, 1)[persona, application],
        _rank(names, 0)[persona, application],
        _rank(parts, 1)[persona, application],
        (holders >= sizes[:, None]).sum(axis=1)[persona],
        *kinds.columns,
        *_left_over(bank.members, bank.grants, pairs, kinds.place, likelihood),
        *_left_over(
            bank.members, (bank.grants @ applications_of).tocsr(), pairs, application, likelihood
        ),
        *_rivals(bank, pairs, likeness, np.where(is_listed, 1, likelihood)),
    ]
    # The last digits would show from which pairs a listed row was taken out.
    return np.column_stack(columns).astype(float).round(6)


def _left_over(
    members: sparse.csr_array,
    grants: sparse.csr_array,
    pairs: Pairs,
    place: Numbers,
    likelihood: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Describe how many grants no other pair explains, neither a listed nor a likely one.

    `place` is the column of `grants` that a pair explains: one grant of each member. Returns the
    share of members with a grant left over, their share of all people with one, and that number.
    """
    persona, is_listed = pairs.persona, pairs.is_listed
    shape = (members.shape[1], grants.shape[1])
    people, columns = grants.tocoo().coords
    explained = members @ sparse.csr_array((is_listed.astype(float), (persona, place)), shape=shape)
    spare = grants.data - np.asarray(explained[people, columns]).ravel()
    # Few pairs are likely, and only these are stored.
    likely = np.where(likelihood > 0.05, np.minimum(likelihood, _MOST_SURE), 0)
    unlikely = members @ sparse.csr_array((np.log1p(-likely), (persona, place)), shape=shape)
    unexplained = np.exp(np.asarray(unlikely[people, columns]).ravel())
    inside, anywhere = [], []
    # Without the pair itself: a listed one leaves a grant more.
    for own in (0, 1):
        left = sparse.csr_array(
            (np.clip(spare + own, 0, 1) * unexplained, (people, columns)), shape=grants.shape
        )
        inside.append((members.T @ left).toarray()[persona, place])
        anywhere.append(np.asarray(left.sum(axis=0)).ravel()[place])
    here = np.where(is_listed, inside[1], inside[0] / (1 - likely))
    total = anywhere[0] - inside[0] + here
    size = np.maximum(np.asarray(members.sum(axis=0)).ravel(), 1)[persona]
    return here / size, here / np.maximum(total, 1e-9), total


def _rivals(bank: Bank, pairs: Pairs, likeness: dict[str, Floats], likelihood: Floats) -> Floats:
    """Describe the other personas that list the application or likely should.

    If another persona of the same people has a name like the application's and lists it, that
    persona explains the access.
    """
    sizes, names = _sizes(bank), likeness["names"]
    shared = (bank.members.T @ bank.members).toarray()
    np.fill_diagonal(shared, 0)
    within = shared / sizes[:, None]
    alike = shared / np.maximum(sizes[:, None] + sizes[None, :] - shared, 1)
    rivals = np.zeros(names.shape)
    rivals[pairs.persona, pairs.application] = likelihood
    found = np.empty((5, len(likelihood)))
    for app in np.unique(pairs.application):
        places = np.nonzero(pairs.application == app)[0]
        personas, rival = pairs.persona[places], rivals[:, app]
        called = (within[personas] * (rival * names[:, app])).max(axis=1)
        found[:, places] = (
            (within[personas] * rival).max(axis=1),
            (alike[personas] * rival).max(axis=1),
            (likeness["personas"][personas] * rival).max(axis=1),
            called,
            names[personas, app] - called,
        )
    return found


def _rank(scores: Floats, axis: int) -> Floats:
    """Count, for each pair, how many of its row (1) or column (0) score higher."""
    lines = scores if axis == 1 else scores.T
    ranks = np.array(
        [len(line) - np.searchsorted(np.sort(line), line, side="right") for line in lines]
    )
    return ranks if axis == 1 else ranks.T


def _likeness(bank: Bank) -> dict[str, Floats]:
    """Compare names: of personas with applications, and of personas with each other."""
    personas = [utils.default_process(text) for text in bank.persona_texts]
    applications = [utils.default_process(text) for text in bank.application_texts]
    alike = process.cdist(personas, personas, scorer=fuzz.ratio).astype(float)
    np.fill_diagonal(alike, 0)
    return {
        "names": process.cdist(personas, applications, scorer=fuzz.token_set_ratio).astype(float),
        "parts": process.cdist(personas, applications, scorer=fuzz.partial_ratio).astype(float),
        "personas": alike,
    }
