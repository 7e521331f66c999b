"""On a machine where output is logged, answers about people go only to a bucket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import persona_access.commands
from persona_access.commands.answer import QUESTIONS
from persona_access.commands.main import app
from scenarios.project import ROOT

NAME = "01234567-89ab-cdef-0123-456789abcdef"
# Commands without pseudonyms that print no people of this home.
WITHOUT_PEOPLE = {
    "answer": "It prints an address.",
    "demo": "It invents people.",
    "evaluate": "It prints shares.",
    "onboard": "It reads a file of the machine where it runs, by a person at a terminal.",
    "settings": "It prints settings, without secrets.",
    "verify": "It prints names of models and counts.",
    "decrypt": "It writes files, and prints their paths.",
}


def ask(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the bucket of answers, a folder."""
    folder = tmp_path / "answers"
    (folder / NAME).mkdir(parents=True)
    monkeypatch.setenv("PERSONA_ACCESS_ANSWERS_URL", folder.as_uri())
    monkeypatch.setenv("PERSONA_ACCESS_HOME", str(tmp_path / "home"))
    return folder


def test_every_command_that_prints_people_is_a_question() -> None:
    """Output of commands for schedulers has pseudonyms (`log_of`); other commands are questions."""
    folder = Path(str(persona_access.commands.__path__[0]))
    commands = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    without_pseudonyms = {
        name
        for name in (command.replace("_", "-") for command in commands)
        if "log_of" not in (folder / f"{name.replace('-', '_')}.py").read_text("utf-8")
    }
    assert without_pseudonyms == QUESTIONS | WITHOUT_PEOPLE.keys()


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("command", sorted(QUESTIONS))
def test_a_question_is_not_answered_into_a_log(command: str) -> None:
    refused = ask(command, "Zq7name")
    assert refused.exit_code == 2
    assert "prints personal data, and output is logged on this machine" in refused.output
    assert "Zq7name" not in refused.output
    assert ask(command, "--help").exit_code == 0


def test_an_answer_lies_in_the_bucket_and_its_address_alone_is_printed(bucket: Path) -> None:
    (bucket / NAME / "question.json").write_text(json.dumps(["explain", "Zq7name"]))
    result = ask("answer", NAME)
    answer = (bucket / NAME / "answer.txt").read_text()
    # There is no warehouse; the bucket has that sentence, too.
    assert result.exit_code != 0
    assert answer.startswith("persona-access: ")
    assert result.output == f"The answer is {bucket.as_uri()}/{NAME}/answer.txt\n"


@pytest.mark.parametrize(
    "question",
    ['["prune", "--yes"]', '["run"]', '["answer", "x"]', "[]", "{}", "no JSON", '["explain", 1]'],
)
def test_what_is_not_a_question_is_not_run(question: str, bucket: Path) -> None:
    (bucket / NAME / "question.json").write_text(question)
    refused = ask("answer", NAME)
    assert (refused.exit_code, "is not a question that can be answered here" in refused.output) == (
        2,
        True,
    )
    assert not (bucket / NAME / "answer.txt").exists()


@pytest.mark.parametrize("name", ["../other", NAME.upper(), f"{NAME}/..", ""])
@pytest.mark.usefixtures("bucket")
def test_a_name_leads_nowhere_else(name: str) -> None:
    assert "is not the name of a question" in ask("answer", name).output


def test_without_the_bucket_questions_are_answered_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERSONA_ACCESS_ANSWERS_URL", raising=False)
    monkeypatch.setenv("PERSONA_ACCESS_HOME", str(tmp_path))
    assert "prints personal data" not in ask("explain", "1").output
    assert "PERSONA_ACCESS_ANSWERS_URL is empty" in ask("answer", NAME).output


def test_operate_sh_passes_the_same_questions_by_the_bucket() -> None:
    script = (ROOT / "deploy/aws/operate.sh").read_text("utf-8")
    (listed,) = [line for line in script.splitlines() if line.startswith("questions=")]
    assert set(listed.partition('"')[2].strip(' "').split()) == QUESTIONS
