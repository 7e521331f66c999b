"""The command `persona-access remind`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from persona_access.base.printable import counted
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def remind(
    day: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            help="Day from which due dates are counted; default: today.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count the messages that would be sent.")
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Send reviewers their lists and reminders of due or overdue items; nothing is sent twice."""
    from persona_access.base.extras import extra

    with extra("operations", "Sending messages"):
        from persona_access.weeks.reminders import remind as send

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as output:
        of = (day or datetime.now(UTC)).date()
        sent = send(settings, of, is_dry=dry_run)
        output.document = asdict(sent)
        verb = "to be sent" if dry_run else "sent"
        output.say(
            f"{sent.week}: {counted(sent.n_list, 'new list')}, "
            f"{counted(sent.n_due, 'reminder')} before the due date and {sent.n_overdue:,} after "
            f"it {verb}."
        )
        if sent.n_without_mail:
            output.say(
                f"{counted(sent.n_without_mail, 'reviewer')} without one plain mail address in the "
                "HR data."
            )
