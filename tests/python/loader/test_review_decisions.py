"""Answers of reviewers at load: several files of a day, codes, and what comes late."""

from __future__ import annotations

from datetime import date

import pytest

from loader_home import Home
from persona_access.base.list_codes import item_code

KEY = "a key that is used in tests only".replace(" ", "-")
WEEK = date(2026, 10, 5)
ITEM = "1053:siem-console:excess:2026-09-28"
HEADER = "item_id,list_week,reviewer_brid,list_code,decision\n"


def answer(
    item: str = ITEM, reviewer: str = "1003", decision: str = "revoke", *, key: str = KEY
) -> str:
    """Write one answered line with the code that the list of that reviewer bears."""
    return f"{item},{WEEK},{reviewer},{item_code(key, reviewer, WEEK, item)},{decision}\n"


@pytest.fixture(autouse=True)
def list_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_LIST_KEY", KEY)


def hr(day: str) -> tuple[str, str]:
    """Return an HR file, by which the loader knows that a week is loaded."""
    rows = "".join(f"{n},Person {n},active,L1,FIN\n" for n in range(1001, 1031))
    return f"hr_headcount_{day}.csv", (
        "brid,full_name,employment_status,management_level,cost_center\n" + rows
    )


def test_several_files_of_one_day_add_up(home: Home) -> None:
    home.drop("review_decisions_1003_2026-10-06.csv", HEADER + answer())
    home.drop("review_decisions_1004_2026-10-06.csv", HEADER + answer(reviewer="1004"))
    home.drop("review_decisions_2026-10-06.csv", HEADER + answer(reviewer="1005"))
    found = home.load()
    assert [file["outcome"] for file in found.files] == ["loaded"] * 3
    rows = home.rows("review_decisions", "reviewer_brid, version, code_state")
    assert sorted(row[0] for row in rows) == ["1003", "1004", "1005"]
    assert sorted(row[1] for row in rows) == [1, 2, 3]
    assert {row[2] for row in rows} == {"valid"}


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (answer(), "valid"),
        (answer(key="another key, which nobody gave out"), "invalid"),
        (answer().replace(",1003,", ",1004,"), "invalid"),
        (answer().replace("2026-10-05,", "2026-10-12,", 1), "invalid"),
        (answer().replace("siem-console", "vault"), "invalid"),
        (f"{ITEM},{WEEK},1003,,revoke\n", "invalid"),
        (answer().replace("revoke", "keep"), "valid"),
    ],
)
def test_a_code_proves_reviewer_week_and_item(home: Home, line: str, state: str) -> None:
    """The decision itself is the reviewer's to make, so it is not part of the code."""
    home.load_one("review_decisions_2026-10-06.csv", HEADER + line)
    assert home.rows("review_decisions", "code_state") == [(state,)]


def test_codes_of_a_key_that_was_replaced_still_count(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_LIST_KEY", f"a-new-key-of-the-tests {KEY}")
    home.load_one("review_decisions_2026-10-06.csv", HEADER + answer())
    assert home.rows("review_decisions", "code_state") == [("valid",)]


def test_without_a_key_nothing_is_called_valid(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERSONA_ACCESS_LIST_KEY")
    home.load_one("review_decisions_2026-10-06.csv", HEADER + answer())
    assert home.rows("review_decisions", "code_state") == [("unchecked",)]


def test_a_replayed_file_is_loaded_once_whatever_its_name(home: Home) -> None:
    home.load_one("review_decisions_2026-10-06.csv", HEADER + answer())
    again = home.load_one("review_decisions_1003_2026-10-13.csv", HEADER + answer())
    assert again["outcome"] == "unchanged"
    assert len(home.rows("review_decisions")) == 1


def test_an_answer_that_is_late_for_a_loaded_week_counts_from_the_next_day(home: Home) -> None:
    home.load_one(*hr("2026-10-12"))
    found = home.load_one("review_decisions_2026-10-08.csv", HEADER + answer())
    assert found["outcome"] == "loaded"
    assert "counts from 2026-10-13 on" in found["notes"][0]
    assert home.rows("review_decisions", "extract_date") == [(date(2026, 10, 13),)]


def test_an_answer_that_is_in_time_keeps_its_date(home: Home) -> None:
    home.drop(*hr("2026-10-12"))
    home.drop("review_decisions_2026-10-08.csv", HEADER + answer())
    home.drop("review_decisions_2026-10-12.csv", HEADER + answer(reviewer="1004"))
    assert home.load().exit_code == 0
    assert home.rows("review_decisions", "extract_date") == [
        (date(2026, 10, 8),),
        (date(2026, 10, 12),),
    ]


def test_words_outside_the_vocabulary_are_quarantined_with_their_line(home: Home) -> None:
    lines = answer() + answer(reviewer="1004") + answer(decision="perhaps")
    found = home.load_one("review_decisions_2026-10-06.csv", HEADER + lines)
    assert (found["n_rows_loaded"], found["n_rows_quarantined"]) == (2, 1)
    assert home.quarantine("row_number, column_name, value, reason") == [
        (4, "decision", "perhaps", "value_not_accepted")
    ]


def test_an_answer_of_the_day_of_a_loaded_week_counts_from_the_next_day(home: Home) -> None:
    """The list of that day comes from the build of that week, which must not read its answer."""
    home.load_one(*hr("2026-10-12"))
    home.load_one("review_decisions_2026-10-12.csv", HEADER + answer())
    assert home.rows("review_decisions", "extract_date") == [(date(2026, 10, 13),)]
