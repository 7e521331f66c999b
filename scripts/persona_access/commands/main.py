"""The command line; each command has its own module, which is imported when the command runs."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from persona_access import __version__
from persona_access.base.errors import EXIT_MACHINE, PersonaAccessError
from persona_access.base.printable import capped, printable
from persona_access.base.signals import (
    StoppedError,
    signal_received,
    stop_in_order,
    stops_as_themselves,
)
from persona_access.commands.accounts import accounts
from persona_access.commands.answer import answer, refuse_in_a_log
from persona_access.commands.apply import apply
from persona_access.commands.audit import audit
from persona_access.commands.build import build
from persona_access.commands.causes import causes
from persona_access.commands.check import check
from persona_access.commands.decrypt import decrypt
from persona_access.commands.demo import demo
from persona_access.commands.evaluate import evaluate
from persona_access.commands.evidence import evidence
from persona_access.commands.explain import explain
from persona_access.commands.impact import impact
from persona_access.commands.load import load
from persona_access.commands.mine import mine
from persona_access.commands.onboard import onboard
from persona_access.commands.prune import prune
from persona_access.commands.publish import publish
from persona_access.commands.rebuild import rebuild
from persona_access.commands.remind import remind
from persona_access.commands.requests import requests
from persona_access.commands.resolve import resolve
from persona_access.commands.rollback import rollback
from persona_access.commands.run import run
from persona_access.commands.serve import serve
from persona_access.commands.settings import settings
from persona_access.commands.summary import summary
from persona_access.commands.train import train
from persona_access.commands.verify import verify
from persona_access.commands.why_changed import why_changed

_stops_reported: list[StoppedError] = []


def _report_stop(stopped: StoppedError) -> None:
    _stops_reported.append(stopped)
    typer.echo(f"persona-access: {stopped.sentence}", err=True)


def _in_lines(sentences: str) -> str:
    """Make each line safe for a terminal: quoted text can contain any character."""
    return "\n".join(capped(line) for line in sentences.split("\n"))


class _Sentences(TyperGroup):
    """Turns the project's errors into one sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            with stops_as_themselves():
                return super().invoke(ctx)
        except PersonaAccessError as error:
            typer.echo(f"persona-access: {_in_lines(str(error))}", err=True)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as stop:
            stopped = stop if isinstance(stop, StoppedError) else StoppedError()
            _report_stop(stopped)
            raise typer.Exit(stopped.exit_code) from stop
        except BrokenPipeError:
            # The reader of our output closed the pipe; the command line library ends quietly.
            raise
        except OSError as error:
            where = f" ({printable(str(error.filename))})" if error.filename else ""
            typer.echo(
                "persona-access: the system refused a file operation: "
                f"{error.strerror or error}{where}; check that the disk has space and the "
                "folder is writable.",
                err=True,
            )
            raise typer.Exit(EXIT_MACHINE) from error

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        found = super().resolve_command(ctx, args)
        if "--help" not in args:
            refuse_in_a_log(args[0])
        return found


app = typer.Typer(
    cls=_Sentences,
    name="persona-access",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Compare every week which applications people hold with those that they should hold.",
    epilog="Exit codes: 0 fine, 1 something was refused or a check failed, 2 wrong usage or "
    "settings, 3 environment error (disk full, folder not writable, lock), 4 "
    "everything else is loaded, but a file was refused, 130 interrupted by Ctrl-C, 143 "
    "by SIGTERM, 129 by a closed terminal.",
)


# In the order of first use; the help shows one panel for each group.
_GROUPS = {
    "Start": (onboard, demo),
    "Every week": (run, load, build, publish, remind),
    "Ask about a week": (summary, causes, explain, resolve, why_changed),
    "Change a decision": (check, impact, apply, mine, accounts, requests),
    "Learn persona mappings": (train, evaluate),
    "History and proof": (rebuild, verify, rollback, prune, evidence),
    "Operate": (settings, serve, decrypt, answer),
}
for group, commands in _GROUPS.items():
    for command in commands:
        app.command(rich_help_panel=group)(command)
app.add_typer(audit, name="audit", rich_help_panel="History and proof")


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    stop_in_order()
    try:
        app()
    except SystemExit:
        # A signal before the command began: the command line library ends silently.
        if _stops_reported or not (number := signal_received()):
            raise
        stopped = StoppedError(number)
        _report_stop(stopped)
        sys.exit(stopped.exit_code)
