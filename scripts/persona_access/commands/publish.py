"""The command `persona-access publish`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, Full, Masked, variants
from persona_access.commands.output import reporting, starting


def publish(
    artefacts: Annotated[
        list[str] | None,
        typer.Argument(help="What to publish; default: everything that is installed."),
    ] = None,
    masked: Masked = False,
    full: Full = False,
    tableau_server: Annotated[
        bool, typer.Option("--tableau-server", help="Also upload the workbook and its data.")
    ] = False,
    postgres: Annotated[
        bool,
        typer.Option(
            "--postgres", help="Also load the marts and their access rights into PostgreSQL."
        ),
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Publish the newest week, if its build is complete and every test passed.

    If PERSONA_ACCESS_PUBLISH_URL names a bucket, the release is also sent there.
    """
    with starting(is_json=is_json):
        from persona_access.audit.anchor import anchored
        from persona_access.outputs.publishing.publish import Request
        from persona_access.outputs.publishing.publish import publish as publish_week

    settings = load_settings()
    request = Request(
        artefacts=artefacts or [],
        is_masked=variants(settings, masked=masked, full=full),
        to_tableau=tableau_server,
        to_postgres=postgres,
    )
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        out.document["releases"] = []
        for published in publish_week(settings, request, out):
            out.document["releases"].append(asdict(published))
