"""The command `persona-access serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def serve(
    is_dropping_views: Annotated[
        bool,
        typer.Option(
            "--drop-views", help="Drop other users' views that block the load or expose rows."
        ),
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Load the current release into PostgreSQL, after a rollback or a change of logins."""
    from persona_access.audit.anchor import anchored
    from persona_access.outputs.publishing.destinations import serve as serve_release_in_force

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        out.document["release"] = serve_release_in_force(
            settings, out, is_dropping_views=is_dropping_views
        )
