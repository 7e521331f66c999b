"""Predict with a tuned stack of scikit-learn and the same attributes: the bar for the mappings.

Nothing here must be applied by SQL, so it can use methods that a mapping cannot: a multinomial
logistic regression on one-hot values, pairs and n-grams, extremely randomised trees, and a boosted
ranker over their answers and target-encoded shares of all keys up to three attributes. All stacked
predictions are for people held out in the same way as the split. The model, or the blend, is also
chosen among the known people, not on the held-out people.

The regression and the trees learn the commonest personas, because both cost as much as there are:
personas of few people are candidates by their keys, and the ranker decides.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy import sparse
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder
from threadpoolctl import threadpool_limits

from persona_access.learning.evaluate import UNSEEN, Split
from persona_access.learning.observations import (
    COST_CENTER,
    JOB_TITLE,
    MANAGER,
    Bools,
    Floats,
    Ints,
    Row,
)
from persona_access.learning.read import PERSONAS, TEXT_COLUMNS, own_attributes

_FOLDS = 4
_TOP = 4
_MOST_TAUGHT = 8_000
_MOST_PERSONAS = 400
_TREES = 60
_FLOOR = 1e-4
_WRITTEN = (JOB_TITLE, COST_CENTER)


def ceiling(split: Split) -> tuple[Bools, Floats]:
    """Predict the held-out people: whether each answer is right, and how sure it is."""
    with threadpool_limits(1):
        return _Stack(split).answer()


class _Stack:
    def __init__(self, split: Split) -> None:
        self.split = split
        rows = [*split.known, *split.strangers]
        self.n = len(split.known)
        names = [*TEXT_COLUMNS, *sorted({n for row in rows for n in own_attributes(row[-1])})]
        texts = np.array([_texts(row, names) for row in rows])
        filled = [at for at in range(len(names)) if len(set(texts[: self.n, at])) > 1]
        self.names, self.texts = [names[at] for at in filled], texts[:, filled]
        first = {row[0]: min(row[PERSONAS]) for row in split.known}
        if MANAGER in self.names:
            manager = self.texts[:, self.names.index(MANAGER)]
            boss = np.array([first.get(name, "") for name in manager])
            self.names.append("manager's persona")
            self.texts = np.column_stack([self.texts, boss])
        self.codes = np.column_stack(
            [np.unique(self.texts[:, at], return_inverse=True)[1] for at in range(len(self.names))]
        )
        self.personas = sorted({p for row in split.known for p in row[PERSONAS]})
        number = {persona: at for at, persona in enumerate(self.personas)}
        pairs = [(at, number[p]) for at, row in enumerate(split.known) for p in row[PERSONAS]]
        self.held = sparse.csr_array(
            (np.ones(len(pairs)), tuple(zip(*pairs, strict=True))),
            shape=(self.n, len(self.personas)),
        )
        self.label = np.array([number[first[row[0]]] for row in split.known])
        n_held = np.bincount(self.label)
        self.is_common = np.argsort(np.argsort(-n_held, kind="stable")) < _MOST_PERSONAS
        self.keys = self._keys()
        self.features = self._one_hot()
        self.trees_see = self._for_trees()
        self.folds = self._folds()

    def _keys(self) -> list[Ints]:
        """Return the numbered values of each key of one, two or three attributes, and of all."""
        n = len(self.names)
        chosen = [key for size in (1, 2, 3) for key in combinations(range(n), size)]
        if n > 3:
            chosen.append(tuple(range(n)))
        return [np.unique(self.codes[:, key], axis=0, return_inverse=True)[1] for key in chosen]

    def _one_hot(self) -> sparse.csr_array:
        pairs = [
            np.unique(self.codes[:, pair], axis=0, return_inverse=True)[1]
            for pair in combinations(range(len(self.names)), 2)
        ]
        parts = [
            OneHotEncoder(min_frequency=2).fit_transform(np.column_stack([self.codes, *pairs]))
        ]
        for name in _WRITTEN:
            if name in self.names:
                text = self.texts[:, self.names.index(name)]
                for analyzer, ngrams in (("word", (1, 2)), ("char_wb", (3, 4))):
                    words = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, min_df=2)
                    parts.append(words.fit_transform([f"{each} _" for each in text.tolist()]))
        return sparse.csr_array(sparse.hstack(parts))

    def _for_trees(self) -> Floats:
        """Encode values for trees by their rank of frequency and by their frequency."""
        columns = []
        for at in range(len(self.names)):
            n = np.bincount(self.codes[:, at])
            order = np.argsort(np.argsort(-n, kind="stable"))
            columns += [self.codes[:, at], order[self.codes[:, at]], n[self.codes[:, at]]]
        return np.column_stack(columns).astype(np.float32)

    def _folds(self) -> Ints:
        """Hold known people out in the same way as the unknown ones."""
        rng = np.random.default_rng(0)
        attribute = {words: name for name, words in UNSEEN.items()}.get(self.split.name)
        if attribute is None:
            return rng.integers(0, _FOLDS, self.n)
        code = self.codes[: self.n, self.names.index(attribute)]
        return rng.integers(0, _FOLDS, code.max() + 1)[code]

    def answer(self) -> tuple[Bools, Floats]:
        n_people, n_personas = len(self.codes), len(self.personas)
        everybody = np.arange(self.n)
        strangers = np.arange(self.n, n_people)
        asked = [(np.flatnonzero(self.folds == fold), self.folds != fold) for fold in range(_FOLDS)]
        asked.append((strangers, np.ones(self.n, dtype=np.bool_)))
        base = {name: np.zeros((n_people, n_personas), np.float32) for name in ("linear", "trees")}
        described: list[tuple[Ints, Ints, Floats]] = []
        for rows, teaches in asked:
            taught = everybody[teaches]
            usual = taught[self.is_common[self.label[taught]]]
            self._linear(usual, rows, base["linear"])
            self._trees(usual, rows, base["trees"])
            described.append(self._described(taught, rows, base))
        person, persona, features = (
            np.concatenate(parts) for parts in zip(*described, strict=True)
        )
        known = person < self.n
        truth = np.zeros(len(person), dtype=np.bool_)
        truth[known] = np.asarray(self.held[person[known], persona[known]]) > 0
        ranked = np.zeros(len(person))
        for rows, teaches in asked:
            taught = known & np.append(teaches, np.zeros(n_people - self.n, np.bool_))[person]
            here = np.isin(person, rows)
            step = max(1, -(-int(teaches.sum()) // _MOST_TAUGHT))
            taught &= person % step == 0
            model = HistGradientBoostingClassifier(
                max_iter=150, learning_rate=0.06, min_samples_leaf=30, l2_regularization=1.0,
                max_leaf_nodes=15, early_stopping=False, random_state=0,
            )  # fmt: skip
            model.fit(features[taught], truth[taught])
            ranked[here] = model.predict_proba(features[here])[:, 1]
        linear, trees = (base[name][person, persona] for name in ("linear", "trees"))
        options = {
            "linear": linear,
            "trees": trees,
            "ranked": ranked,
            "blend": ranked**0.6 * (linear + _FLOOR) ** 0.3 * (trees + _FLOOR) ** 0.1,
            "ranked and linear": ranked**0.75 * (linear + _FLOOR) ** 0.25,
        }
        chosen = max(options, key=lambda name: self._right(person, options[name], truth))
        return self._answers(person, persona, options[chosen])

    def _linear(self, taught: Ints, asked: Ints, found: np.ndarray) -> None:
        model = LogisticRegression(C=8.0, max_iter=40, tol=1e-3)
        model.fit(self.features[taught], self.label[taught])
        found[asked[:, None], model.classes_[None, :]] = model.predict_proba(self.features[asked])

    def _trees(self, taught: Ints, asked: Ints, found: np.ndarray) -> None:
        model = ExtraTreesClassifier(_TREES, min_samples_leaf=2, max_features=0.6, random_state=0)
        model.fit(self.trees_see[taught], self.label[taught])
        found[asked[:, None], model.classes_[None, :]] = model.predict_proba(self.trees_see[asked])

    def _described(
        self, taught: Ints, asked: Ints, base: dict[str, np.ndarray]
    ) -> tuple[Ints, Ints, Floats]:
        """Describe the candidate personas of people by shares among the others."""
        candidates = [np.argsort(-base[name][asked], axis=1)[:, :_TOP] for name in base]
        shares = []
        usual = np.asarray(self.held[taught].sum(axis=0)).ravel()
        candidates.append(np.tile(np.argsort(-usual)[:2], (len(asked), 1)))
        for key in self.keys:
            size = int(key.max()) + 1
            member = sparse.csr_array(
                (np.ones(len(taught)), (key[taught], np.arange(len(taught)))),
                shape=(size, len(taught)),
            )
            held = sparse.csr_array(member @ self.held[taught])
            n = np.asarray(member.sum(axis=1)).ravel()
            shares.append((key, held, n))
            top = np.full((size, _TOP - 1), -1)
            for row in np.unique(key[asked]):
                part = slice(held.indptr[row], held.indptr[row + 1])
                best = np.argsort(-held.data[part], kind="stable")[: _TOP - 1]
                top[row, : len(best)] = held.indices[part][best]
            candidates.append(top[key[asked]])
        every = np.concatenate(candidates, axis=1)
        pair = np.repeat(np.arange(len(asked)), every.shape[1]) * len(self.personas) + every.ravel()
        pair = np.unique(pair[every.ravel() >= 0])
        at, persona = np.divmod(pair, len(self.personas))
        person = asked[at]
        columns = [usual[persona] / len(taught)]
        for key, held, n in shares:
            of_key = n[key[person]]
            columns += [
                np.asarray(held[key[person], persona]) / np.maximum(of_key, 1) - (of_key == 0),
                of_key,
            ]
        for probability in base.values():
            columns += [
                probability[person, persona],
                probability[person, persona] / np.maximum(probability[person].max(axis=1), _FLOOR),
            ]
        return person, persona, np.column_stack(columns).astype(np.float32)

    def _right(self, person: Ints, score: Floats, truth: Bools) -> float:
        known = person < self.n
        best = _best(person[known], score[known])
        return float(truth[known][best].mean())

    def _answers(self, person: Ints, persona: Ints, score: Floats) -> tuple[Bools, Floats]:
        rows = np.flatnonzero(person >= self.n)
        rows = rows[_best(person[rows], score[rows])]
        right = [
            self.personas[persona[row]] in self.split.strangers[person[row] - self.n][PERSONAS]
            for row in rows.tolist()
        ]
        return np.array(right), score[rows]


def _best(person: Ints, score: Floats) -> Ints:
    """Return where each person's best answer is, in the order of the people."""
    order = np.lexsort((-score, person))
    return order[np.append(True, np.diff(person[order]) != 0)]


def _texts(row: Row, names: list[str]) -> list[str]:
    own = own_attributes(row[-1])
    texts = dict(zip(TEXT_COLUMNS, row[1:PERSONAS], strict=True)) | own
    return [texts.get(name) or "" for name in names]
