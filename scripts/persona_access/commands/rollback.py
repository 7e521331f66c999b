"""The command `persona-access rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.settings import load_settings


def rollback(
    because: Annotated[str, typer.Option(help="Why; kept in the audit log.")],
    to: Annotated[
        str | None, typer.Option(help="Name of a release; the one before when left out.")
    ] = None,
    masked: Annotated[
        bool | None, typer.Option("--masked/--full", help="Which releases, as in `publish`.")
    ] = None,
) -> None:
    """Put an earlier release in force again, if it is as it was published."""
    from persona_access.outputs.release.rollback import run_rollback

    settings = load_settings()
    is_masked = settings.is_publishing_masked if masked is None else masked
    run_rollback(settings, to, because, is_masked=is_masked)
