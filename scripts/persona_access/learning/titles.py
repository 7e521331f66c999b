"""Group job titles with the same meaning: misspelled, reordered, or with a place or number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from scipy import sparse

# A word is misspelled if this many times as many titles have a nearly identical word.
_TIMES_AS_MANY = 4
_LEAST_ALIKE = 85
_FEWEST_LETTERS = 5
_WORD = re.compile(r"[^\W\d_]+")
# A wording that more people have represents longer ones that fewer people have.
_FEW_PEOPLE = 2
_CHUNK = 2_000


@dataclass(frozen=True)
class Wordings:
    """The words of titles: `of` numbers each title's set of words.

    `within` says, for each set, which sets are a part of it, and how many words these have.
    """

    of: npt.NDArray[np.int64]
    within: sparse.csr_array


def wordings(titles: Sequence[str]) -> Wordings:
    """Compare titles by their words, spelled as in most titles.

    Numbers are omitted, so a title without words, such as a code, is like no other title.
    """
    said = [frozenset(_WORD.findall(title)) for title in titles]
    spelling = _spellings(Counter(word for words in said for word in words))
    said = [frozenset(spelling.get(word, word) for word in words) for words in said]
    names = [
        tuple(sorted(words)) if any(len(word) > _FEW_PEOPLE for word in words) else (title,)
        for words, title in zip(said, titles, strict=True)
    ]
    sets = {name: at for at, name in enumerate(sorted(set(names)))}
    of = np.array([sets[name] for name in names], dtype=np.int64)
    words = {word: at for at, word in enumerate(sorted({word for name in sets for word in name}))}
    entries = [(at, words[word]) for name, at in sets.items() for word in name]
    rows, columns = (np.array(part) for part in zip(*entries, strict=True))
    has = sparse.csr_array(
        (np.ones(len(rows), np.float32), (rows, columns)), shape=(len(sets), len(words))
    )
    return Wordings(of, _within(has))


def _spellings(counts: Counter[str]) -> dict[str, str]:
    """Map misspelled words to the intended ones."""
    long = sorted(word for word in counts if len(word) >= _FEWEST_LETTERS)
    usual = [word for word in long if counts[word] > _TIMES_AS_MANY]
    found = {}
    for word in long:
        near = process.extract(
            word, usual, scorer=fuzz.ratio, score_cutoff=_LEAST_ALIKE, limit=_TIMES_AS_MANY
        )
        meant = [
            (score, counts[other], other)
            for other, score, _ in near
            if counts[other] >= _TIMES_AS_MANY * counts[word]
        ]
        if meant:
            found[word] = max(meant)[-1]
    return found


def _within(has: sparse.csr_array) -> sparse.csr_array:
    size = np.asarray(has.sum(axis=1)).ravel()
    parts = []
    for start in range(0, has.shape[0], _CHUNK):
        common = sparse.coo_array(has[start : start + _CHUNK] @ has.T)
        kept = common.data == size[common.col]
        parts.append(
            sparse.csr_array(
                (common.data[kept], (common.row[kept], common.col[kept])),
                shape=(common.shape[0], has.shape[0]),
            )
        )
    return sparse.csr_array(sparse.vstack(parts))


def usual_wordings(found: Wordings, n_by_title: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return for each title the set of words that stands for it.

    It is the longest subset of its words that more than a few people have; otherwise the longest
    that anybody has; otherwise its own words.
    """
    n = np.bincount(found.of, weights=n_by_title, minlength=found.within.shape[0])
    weight = found.within.copy()
    of_set = n[weight.indices]
    weight.data = np.where(
        of_set > 0, 1e9 * (of_set > _FEW_PEOPLE) + 1e6 * weight.data + np.minimum(of_set, 1e5), 0.0
    )
    weight = sparse.csr_array(weight + sparse.eye_array(len(n)) * 1e-3)
    usual = np.asarray(weight.argmax(axis=1)).ravel().astype(np.int64)
    return usual[found.of]
