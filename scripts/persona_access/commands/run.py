"""The command `persona-access run`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting, starting


def run(
    due: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day of the week to run; today by default."),
    ] = None,
    wait_minutes: Annotated[
        float, typer.Option(min=0, help="How long to wait for missing feeds.")
    ] = 0,
    poll_seconds: Annotated[float, typer.Option(min=1, help="How often to look for them.")] = 30,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A gate to lift for this week, or GATE:WEEK for another; repeatable."),
    ] = None,
    because: Annotated[
        str | None, typer.Option(help="Reason for lifting the gate; it is recorded.")
    ] = None,
    is_publishing: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Whether to publish at the end.")
    ] = True,
    is_json: AsJson = False,
) -> None:
    """Run the week: wait for its feeds, load, build, publish, send messages."""
    with starting(is_json=is_json):
        from persona_access.audit.anchor import anchored
        from persona_access.base.gates import read_accepted
        from persona_access.weeks.run import Order, run_weekly

    order = Order(
        due=due.date() if due else None,
        wait_seconds=wait_minutes * 60,
        poll_seconds=poll_seconds,
        accepted=read_accepted(accept or [], because),
        because=because or "",
        is_publishing=is_publishing,
    )
    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        run_weekly(settings, order, out, lambda record: out.document.update(asdict(record)))
