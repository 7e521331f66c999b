"""The command `persona-access publish`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.settings import load_settings


def publish(
    artefacts: Annotated[
        list[str] | None,
        typer.Argument(help="What to make of the marts; all that is installed when left out."),
    ] = None,
    masked: Annotated[
        bool | None,
        typer.Option("--masked/--full", help="Pseudonyms instead of people, in a folder apart."),
    ] = None,
    tableau_server: Annotated[
        bool, typer.Option("--tableau-server", help="Also upload the workbook and its data.")
    ] = False,
    postgres: Annotated[
        bool, typer.Option("--postgres", help="Also load the marts, with the rights on them.")
    ] = False,
) -> None:
    """Publish the newest week, if it was built whole and passed every test."""
    from persona_access.outputs.release.command import run_publish

    settings = load_settings()
    is_masked = settings.is_publishing_masked if masked is None else masked
    run_publish(
        settings,
        artefacts or [],
        is_masked=is_masked,
        is_uploaded=tableau_server,
        is_served=postgres,
    )
