"""The command `persona-access requests`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.printable import counted
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting
from persona_access.outputs.requests.shapes import System


def requests(
    system: Annotated[
        System, typer.Option(help="Format: ServiceNow import set, Jira importer or JSON lines.")
    ] = "servicenow",
    out: Annotated[
        Path | None, typer.Option(help="The file to write; default: a file in the home.")
    ] = None,
    read: Annotated[
        Path | None,
        typer.Option(help="An export of the system, whose tickets are written to the drop zone."),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Date of that export; default: today."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Also write requests of an earlier file, in case that file was lost."
        ),
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Write removals for a ticket system, or read the results of its tickets."""
    from persona_access.outputs.requests.write import bring_tickets, write_requests

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as output:
        if read is not None:
            of = (day or datetime.now(UTC)).date()
            tickets = bring_tickets(settings, system, read, of)
            output.document = asdict(tickets)
            others = f"; {counted(tickets.n_others, 'row')} without a key of this project"
            older = f"; {counted(tickets.n_older, 'row')} with a newer ticket"
            output.say(
                counted(tickets.n_tickets, "ticket")
                + (others if tickets.n_others else "")
                + (older if tickets.n_older else "")
                + "."
            )
            if tickets.n_tickets:
                output.say(f"{tickets.file}: run `persona-access load`.")
            return
        written = write_requests(settings, system, out, is_again=again)
        output.document = asdict(written)
        output.say(
            f"{written.week}: {counted(written.n_requests, 'removal')} not proven yet, "
            f"{written.n_with_ticket:,} of them with a ticket."
        )
        if written.n_awaiting_key:
            output.say(
                f"{counted(written.n_awaiting_key, 'further removal')} in an earlier file, without "
                "a known key: read an export of Jira with --read, or use --again."
            )
        output.say(str(written.file))
