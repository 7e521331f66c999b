"""The command `persona-access explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, BuiltWeek


def explain(
    brid: Annotated[str, typer.Argument(help="In any spelling, such as 00123, b123 or 123.")],
    week: BuiltWeek = None,
    is_json: AsJson = False,
) -> None:
    """Show who a BRID is, which persona it has and why, and each application with its status."""
    from persona_access.questions.explain import run_explain

    run_explain(load_settings(), brid, week.date() if week else None, is_json=is_json)
