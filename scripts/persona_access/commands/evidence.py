"""The command `persona-access evidence`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings


def evidence(
    week: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="As-of date of the week.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The zip to write; evidence_<week>.zip in the home when left out."),
    ] = None,
) -> None:
    """Write the evidence of a week as one independently verifiable zip."""
    from persona_access.audit.anchor import anchored
    from persona_access.outputs.evidence.command import run_evidence

    settings = load_settings()
    day = week.date()
    with anchored(settings):
        run_evidence(settings, day, out or settings.evidence / f"evidence_{day}.zip")
