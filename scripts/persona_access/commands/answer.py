"""The command `persona-access answer`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from persona_access.base.errors import SettingsError
from persona_access.base.extras import extra
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_VARIABLE = "PERSONA_ACCESS_ANSWERS_URL"
# Commands that print people's data without pseudonyms.
QUESTIONS = frozenset(
    {
        "accounts",
        "apply",
        "causes",
        "check",
        "explain",
        "impact",
        "mine",
        "resolve",
        "summary",
        "why-changed",
    }
)
_NAME = re.compile(r"[0-9a-f-]{36}")
_PROGRAM = "from persona_access.commands.main import main; main()"


def answer(
    question: Annotated[
        str,
        typer.Argument(help="Name of the question: it is `<name>/question.json` in the bucket."),
    ],
    is_json: AsJson = False,
) -> None:
    """Answer a question about people, and write the answer to a bucket instead of a log."""
    with reporting(is_json=is_json) as out:
        out.document = _answered(question)
        out.exit_code = out.document["question_exit_code"]
        out.say(f"The answer is {out.document['answer']}")


def _answered(question: str) -> dict[str, Any]:
    """Answer a question; return the address of the answer and the exit code of the question."""
    url = _answers_url()
    if url is None:
        raise SettingsError(f"{_VARIABLE} is empty: set it to the bucket of questions and answers.")
    if not _NAME.fullmatch(question):
        raise SettingsError(
            f"'{question}' is not the name of a question: give the 36 characters of a UUID."
        )
    with extra("operations", "The bucket of answers"):
        from persona_access.base.buckets import open_store
    store = open_store(url, "The bucket of answers")
    code = _answer(store, url, question)
    return {"answer": f"{url}/{question}/answer.txt", "question_exit_code": code}


def _answers_url() -> str | None:
    # Imported here, because --help needs no settings.
    from persona_access.base.settings import load_group
    from persona_access.base.variables import Buckets

    return load_group(Buckets).answers_url


def refuse_in_a_log(command: str) -> None:
    """Refuse to answer a question on a machine where output becomes a log.

    Raises SettingsError if PERSONA_ACCESS_ANSWERS_URL is set: it marks such a machine.
    """
    if command in QUESTIONS and _answers_url() is not None:
        raise SettingsError(
            f"`{command}` prints personal data, and output is logged on this machine: use "
            "deploy/aws/operate.sh, or `persona-access answer`, which writes the answer to "
            f"{_VARIABLE}."
        )


def _answer(store: ObjectStore, url: str, question: str) -> int:
    """Run the command of a question in its own process, so that our output stays empty."""
    import obstore

    from persona_access.base.buckets import server_faults

    where = f"The bucket of answers {url}"
    with server_faults(where, "read", "nothing was asked"):
        text = bytes(obstore.get(store, f"{question}/question.json").bytes())
    arguments = _arguments(question, text)
    with TemporaryFile() as file:
        done = subprocess.run(  # noqa: S603 - a command of ours, of those that only answer
            [sys.executable, "-c", _PROGRAM, *arguments],
            env={name: value for name, value in os.environ.items() if name != _VARIABLE},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
        file.seek(0)
        with server_faults(where, "written", "ask again"):
            obstore.put(store, f"{question}/answer.txt", file.read())
    return done.returncode


def _arguments(question: str, text: bytes) -> list[str]:
    try:
        arguments = json.loads(text)
    except ValueError:
        arguments = None
    if (
        not isinstance(arguments, list)
        or not all(isinstance(word, str) for word in arguments)
        or not arguments
        or arguments[0] not in QUESTIONS
    ):
        raise SettingsError(
            f"{question}/question.json is not a question that can be answered here: it must be "
            "a JSON list of words, the first of which is one of "
            f"{', '.join(sorted(QUESTIONS))}."
        )
    return arguments
