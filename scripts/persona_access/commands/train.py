"""The command `persona-access train`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import IgnoredAttributes, MinPrecision
from persona_access.learning import learning


def train(
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Learn from the weeks up to this date only."),
    ] = None,
    ignore: IgnoredAttributes = None,
    min_precision: MinPrecision = 0.95,
) -> None:
    """Learn persona mappings from people whose persona is known, and write them as seeds."""
    with learning():
        from persona_access.learning.command import run_train

    run_train(
        load_settings(),
        until=until.date() if until else None,
        ignored=ignore or [],
        minimum=min_precision,
    )
