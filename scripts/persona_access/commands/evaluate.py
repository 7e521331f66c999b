"""The command `persona-access evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, IgnoredAttributes, MinPrecision
from persona_access.learning import learning


def evaluate(
    repeats: Annotated[int, typer.Option(min=1, help="Random and unseen splits to pool.")] = 1,
    ignore: IgnoredAttributes = None,
    min_precision: MinPrecision = 0.95,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw coverage against precision, as SVG.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Measure the learned mappings on people held out: at random, unseen cost centers, later."""
    with learning():
        from persona_access.learning.command import run_evaluate

    run_evaluate(
        load_settings(),
        minimum=min_precision,
        ignored=ignore or [],
        repeats=repeats,
        is_json=is_json,
        picture=picture,
    )
