"""The command `persona-access impact`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson


def impact(
    base: Annotated[
        str | None,
        typer.Option(
            help="Revision to compare with; where this branch left origin/main when left out, "
            "or HEAD without such a branch."
        ),
    ] = None,
    weeks: Annotated[int, typer.Option(min=1, help="Compare the last loaded weeks.")] = 1,
    max_changed: Annotated[
        int | None, typer.Option(min=0, help="Exit with 1 when more people change.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write the whole report to this file, as Markdown.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Show the impact of changed decisions in seeds/: changed personas and statuses."""
    from persona_access.questions.impact.command import run_impact

    run_impact(
        load_settings(),
        base,
        n_weeks=weeks,
        max_changed=max_changed,
        markdown=markdown,
        is_json=is_json,
    )
