"""The check of words refuses each wording of its list in any place."""

from __future__ import annotations

import subprocess
import sys

import pytest

import check_words
from scenarios.project import ROOT

WORDINGS = check_words.read_list()
# One sentence a line; `\\n` is a line break within it.
PLANTED = [
    line.replace("\\n", "\n")
    for line in (ROOT / "tests" / "python" / "words_to_refuse.txt").read_text("utf-8").splitlines()
]


def found(text: str) -> list[str]:
    return [words for _, words, _ in check_words.faults(text, WORDINGS)]


@pytest.mark.parametrize("text", PLANTED)
def test_a_planted_wording_is_refused(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "There is no file.",
        "It is no longer needed.",
        "The rule is in force on that day.",
        "the same as last week",
        "cast(brid as varchar)",
        "leapfrog, amend, swapfile",
        "in the way that dbt reads it",
    ],
)
def test_common_english_is_accepted(text: str) -> None:
    assert found(text) == []


def test_each_wording_of_the_list_has_a_planted_sentence() -> None:
    assert [
        wording.pattern.pattern
        for wording in WORDINGS
        if not any(wording.pattern.search(sentence) for sentence in PLANTED)
    ] == []


def test_a_fault_names_its_line_and_the_standard_word() -> None:
    faults = list(check_words.faults("one\nIt is\nset " + "aside.\n", WORDINGS))
    assert faults == [(3, "set " + "aside", "quarantine")]


def test_only_the_changelog_and_the_list_are_allowed() -> None:
    assert {
        "CHANGELOG.md",
        "scripts/words_to_avoid.txt",
        "tests/python/words_to_refuse.txt",
    } == check_words.ALLOWED


def test_the_project_has_none_of_these_words() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/check_words.py"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_spelling_is_checked_with_the_settings_of_the_project() -> None:
    codespell = [sys.executable, "-m", "codespell_lib"]
    planted = subprocess.run(
        [*codespell, "-"],
        cwd=ROOT,
        input="an " + "occu" + "red error",
        capture_output=True,
        check=False,
        text=True,
    )
    assert planted.returncode != 0
    assert "occurred" in planted.stdout
