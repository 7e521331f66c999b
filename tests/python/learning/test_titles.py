"""Titles with the same meaning are found by their words; codes equal only themselves."""

from __future__ import annotations

import numpy as np

from persona_access.learning.titles import usual_wordings, wordings

TITLES = {
    "claims clerk": 30,
    "network engineer": 20,
    "senior network engineer": 9,
    "network adviser": 8,
    "network analyst": 7,
    "network clerk": 1,
}


def _stands_for(asked: list[str]) -> list[str]:
    """Return, for each requested title, the first held title with the same words."""
    titles = [*TITLES, *asked]
    found = wordings(titles)
    n = np.array([*TITLES.values(), *(0 for _ in asked)], dtype=np.float64)
    usual = usual_wordings(found, n)
    first = {number: title for title, number in reversed(list(zip(titles, found.of, strict=True)))}
    return [first[number] for number in usual[len(TITLES) :].tolist()]


def test_a_misspelt_reordered_or_longer_title_stands_for_the_one_that_people_hold() -> None:
    asked = ["ntwork engineer", "clerk, claims", "claims clerk, region 12", "network clerk 3"]
    assert _stands_for(asked) == [
        "network engineer",
        "claims clerk",
        "claims clerk",
        "network clerk",
    ]


def test_the_longest_wording_counts_and_few_people_do_not_count() -> None:
    asked = ["senior network engineer (north)", "network clerk and claims clerk"]
    assert _stands_for(asked) == ["senior network engineer", "claims clerk"]


def test_codes_and_other_words_are_like_none_but_themselves() -> None:
    asked = ["117042", "117043", "treasurer", "q1"]
    assert _stands_for(asked) == asked
