"""The check of words refuses each wording of its list, wherever it stands."""

from __future__ import annotations

import subprocess
import sys

import pytest

import check_words
from scenarios.project import ROOT

WORDINGS = check_words.read_list()


def found(text: str) -> list[str]:
    return [words for _, words, _ in check_words.faults(text, WORDINGS)]


@pytest.mark.parametrize(
    "text",
    [
        "A fault here is said.",
        "Files are put away.",
        "What is unknown is left alone.",
        "Far more findings are a leap.",
        "A hook hears of each week.",
        "The application was heard of.",
        "The machine is in the way.",
        "Run it again to mend it.",
        "prune lets go of old weeks.",
        "The build did not come out whole.",
        "The file shall be sent again.",
        "This is no BRID.",
        "A date that is no date.",
        "Doubtful text goes through the sieve.",
        "Unseal the file.",
        "A truth table of the macro.",
        "The demo has the cast of cases.",
        "Every promise is tested.",
        "One input is swapped.",
        "The pair is judged.",
        "surviving access",
        "The row is set aside.",
        "The release in force.",
        "as last week",
        "Only https is spoken.",
        "rows.set_aside",
        "def test_an_error_is_said_in_a_sentence",
        "The row is\n    # set\n    # aside.",
    ],
)
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


def test_a_fault_names_its_line_and_the_standard_word() -> None:
    faults = list(check_words.faults("one\nIt is\nset aside.\n", WORDINGS))
    assert faults == [(3, "set aside", "quarantine")]


def test_only_the_changelog_and_the_list_are_allowed() -> None:
    assert {
        "CHANGELOG.md",
        "scripts/words_to_avoid.txt",
        "tests/python/test_words.py",
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
