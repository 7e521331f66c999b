"""The command `persona-access why-changed`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, print_json, starting


def why_changed(
    earlier: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="The earlier week; default: the week before the later one.",
        ),
    ] = None,
    later: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=["%Y-%m-%d"], help="The later week; default: the newest built week."
        ),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Attribute every status that changed between two weeks to one changed input."""
    with starting(is_json=is_json):
        from persona_access.questions.why_changed.changes import why_changed as attribute

    out = Output(is_json=is_json)
    with out.work("why-changed"):
        found = attribute(
            load_settings(),
            earlier.date() if earlier else None,
            later.date() if later else None,
            out,
        )
    file = found.pop("file")
    if is_json:
        print_json(found)
        return
    out.heading(f"What changed from {found['previous_week']} to {found['week']}: pairs by cause")
    out.table(found["causes"])
    out.heading("Statuses that changed")
    out.table(found["flips"], limit=20)
    out.say(f"Every pair is in marts.fct_status_changes and in {file}.")
