"""Tables and paragraphs on a terminal: no word, id or date is broken, whatever the width."""

from __future__ import annotations

import io
from datetime import date

import pytest
from rich.console import Console

from persona_access.base.printable import share, sparkline
from persona_access.commands.output import Output, starting

ROW = {
    "application": "general-ledger-europe",
    "status": "excess",
    "reason": "persona_without_applications",
    "since": date(2026, 9, 28),
    "granted": date(2024, 7, 20),
    "last_used": date(2026, 11, 2),
    "n_rows": 1234,
    "message": "The grant ended before the as-of date, and the account is not active any more.",
}


def printed(width: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Output, io.StringIO]:
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr("persona_access.commands.output._console", lambda **_: console)
    return Output(), text


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_cell_of_a_table_is_broken(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    out, text = printed(width, monkeypatch)
    out.table([ROW, ROW | {"application": "mail"}])
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    whole = [
        "general-ledger-europe",
        "persona_without_applications",
        "2026-09-28",
        "2024-07-20",
        "1,234",
    ]
    names = ["application", "reason", "since", "granted", "n rows"]
    for name, value in zip(names, whole, strict=True):
        if name in lines[0]:
            assert any(value in line for line in lines), value
    shown = sum(name.replace("_", " ") in lines[0] for name in ROW)
    assert shown == len(ROW) or f"and {len(ROW) - shown} more column" in text.getvalue()
    assert shown == len(ROW) or width < 200


def test_a_paragraph_breaks_between_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    out, text = printed(40, monkeypatch)
    sentence = "approved on 2025-12-15, valid from 2026-01-01, rationale Confirmed in the review."
    out.paragraph(sentence, indent=6)
    lines = text.getvalue().splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 40
    assert all(line.startswith("      ") for line in lines)
    assert " ".join(line.strip() for line in lines) == sentence


def test_a_verdict_breaks_between_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    out, text = printed(40, monkeypatch)
    sentence = "153 to act on: 137 overdue, worst: 4 critical excess (prohibited for persona)."
    out.verdict(sentence, is_good=False)
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(lines) == sentence


def test_a_command_shows_that_it_starts_before_its_code_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, text = printed(80, monkeypatch)
    with starting(is_json=False):
        assert "start" in text.getvalue()


def test_numbers_over_the_weeks_are_drawn_from_zero() -> None:
    assert sparkline([0, 4, 8]) == "▁▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([None, 5]) == " █"
    assert sparkline([]) == ""


def test_a_share_is_never_rounded_to_all_or_nothing() -> None:
    assert [share(value) for value in (1, 0.99979, 0.5, 0.0001, 0, None)] == [
        "100.0 %",
        "> 99.9 %",
        "50.0 %",
        "< 0.1 %",
        "0.0 %",
        "–",  # noqa: RUF001
    ]
