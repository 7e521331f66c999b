"""The command `persona-access build`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting, starting


def build(
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="A gate to lift for the first week, or GATE:WEEK for another; repeatable."
        ),
    ] = None,
    because: Annotated[
        str | None, typer.Option(help="Reason for lifting the gate; it is recorded.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Build the loaded weeks that are not built yet, oldest first, with every test."""
    with starting(is_json=is_json):
        from persona_access.audit.anchor import anchored
        from persona_access.base.gates import read_accepted
        from persona_access.weeks.build import build as build_weeks

    accepted = read_accepted(accept or [], because)
    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        weeks = out.document.setdefault("weeks", [])
        build_weeks(
            settings,
            out,
            lambda week: weeks.append(week.record()),
            accepted=accepted,
            because=because or "",
        )
