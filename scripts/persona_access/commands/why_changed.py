"""The command `persona-access why-changed`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson


def why_changed(
    earlier: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m-%d"], help="The earlier week; by default the one before."
        ),
    ] = None,
    later: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=["%Y-%m-%d"], help="The later week; by default the newest built one."
        ),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Attribute every changed status between two weeks to one input that changed."""
    from persona_access.questions.why_changed.command import run_why_changed

    run_why_changed(
        load_settings(),
        earlier.date() if earlier else None,
        later.date() if later else None,
        is_json=is_json,
    )
