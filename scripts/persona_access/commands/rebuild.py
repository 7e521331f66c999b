"""The command `persona-access rebuild`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting, starting


def rebuild(
    since: Annotated[
        datetime,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First week to build again."),
    ],
    is_json: AsJson = False,
) -> None:
    """Build weeks again, in order, after a correction."""
    with starting(is_json=is_json):
        from persona_access.audit.anchor import anchored
        from persona_access.weeks.build import rebuild as rebuild_weeks

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        weeks = out.document.setdefault("weeks", [])
        rebuild_weeks(settings, since.date(), out, lambda week: weeks.append(week.record()))
