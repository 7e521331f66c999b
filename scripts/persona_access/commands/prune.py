"""The command `persona-access prune`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.settings import load_settings


def prune(
    keep_weeks: Annotated[
        int | None, typer.Option(help="Instead of the var retention_weeks.", show_default=False)
    ] = None,
    is_confirmed: Annotated[
        bool, typer.Option("--yes", help="Remove it; without this it is only shown.")
    ] = False,
) -> None:
    """Remove weeks and files that the retention policy no longer keeps; show them first."""
    from persona_access.audit.anchor import anchored
    from persona_access.weeks.prune import run_prune

    settings = load_settings()
    with anchored(settings):
        run_prune(settings, keep_weeks, is_confirmed=is_confirmed)
