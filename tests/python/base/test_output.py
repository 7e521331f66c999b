"""What commands show: sentences and progress to people, one JSON document to machines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from persona_access.base.errors import MachineError
from persona_access.commands import output
from persona_access.commands.main import app
from persona_access.commands.output import Output, reporting


def every_command() -> Iterator[tuple[str, Any]]:
    def below(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from below(command, (*words, name))
            else:
                yield " ".join((*words, name)), command

    yield from below(typer.main.get_command(app), ())


@pytest.mark.parametrize(("name", "command"), list(every_command()))
def test_every_command_has_json(name: str, command: Any) -> None:
    options = [option for parameter in command.params for option in parameter.opts]
    assert "--json" in options, name


def test_a_document_is_all_that_machines_read(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(is_json=True) as out:
        out.say("for people")
        out.heading("for people")
        out.table([{"for": "people"}])
        out.warn("for people, too")
        out.document["found"] = 1
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"found": 1, "exit_code": 0, "error": None}
    assert shown.err == "for people, too\n"


def test_a_document_tells_what_was_done_before_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work() -> None:
        with reporting(is_json=True) as out:
            out.document["done"] = ["one"]
            raise MachineError("The disk is full.")

    with pytest.raises(MachineError):
        work()
    document = json.loads(capsys.readouterr().out)
    assert document == {"done": ["one"], "exit_code": 3, "error": "The disk is full."}


def test_an_exit_code_without_a_failure_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as exit_, reporting(is_json=True) as out:
        out.exit_code = 4
    assert exit_.value.exit_code == 4
    assert json.loads(capsys.readouterr().out)["exit_code"] == 4


def test_a_sentence_stays_in_one_piece_and_shows_no_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Output().say("a" * 500 + "\x1b[31m")
    assert capsys.readouterr().out == "a" * 500 + "\\x1b[31m\n"


def test_an_error_shows_no_control_characters_and_has_an_end() -> None:
    result = CliRunner().invoke(
        app, ["build", "--accept", "\x1b[31m\u202egate" + "x" * 5000, "--because", "It is right."]
    )
    assert result.exit_code == 2
    assert r"\x1b[31m\u202egate" in result.output
    assert not {"\x1b", "\u202e"} & set(result.output)
    assert len(result.output) < 2500


def test_a_reader_that_goes_ends_no_work() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as stream:
        console = output._Console(file=stream)
        console.print("a file is loaded")
        console.print("and the next one")


@pytest.mark.parametrize("is_json", [False, True])
def test_work_under_way_is_shown_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_json: bool
) -> None:
    def work() -> None:
        out = Output(is_json=is_json)
        with out.work("weeks", total=2) as weeks:
            with out.work("build 2026-01-05") as nodes:
                nodes.expect(10)
                nodes.advance(10)
            weeks.advance()
            weeks.doing("the last week")

    work()
    assert capsys.readouterr().out == ""
    terminal = StringIO()
    monkeypatch.setattr(
        output,
        "_console",
        lambda *, quiet=False, stderr=False: Console(
            file=terminal if stderr == is_json else StringIO(), force_terminal=True, quiet=quiet
        ),
    )
    work()
    for told in ("weeks", "build 2026-01-05", "the last week"):
        assert told in terminal.getvalue()
