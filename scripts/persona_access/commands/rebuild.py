"""The command `persona-access rebuild`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from persona_access.base.settings import load_settings


def rebuild(
    since: Annotated[
        datetime,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First week to build again."),
    ],
) -> None:
    """Build weeks again in order after a correction."""
    from persona_access.audit.anchor import anchored
    from persona_access.weeks.build import run_rebuild

    settings = load_settings()
    with anchored(settings):
        run_rebuild(settings, since.date())
