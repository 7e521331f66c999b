"""Write the removals that are not proven yet, and read the states of their tickets."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from persona_access.base.errors import SettingsError
from persona_access.base.files import write_atomically
from persona_access.base.queries import Record, asking, select, week_computed_last
from persona_access.base.settings import Settings
from persona_access.outputs.requests.exports import read_export
from persona_access.outputs.requests.shapes import (
    ENDINGS,
    EXPORTS,
    System,
    is_of_jira,
    written,
)

# The file that asked Jira to create the issue of each request.
CREATED = "jira_created.json"


@dataclass(frozen=True)
class Requests:
    """The written file, its requests, and how many of them already have a ticket.

    `n_awaiting_key` requests are omitted: an earlier file created them, and their key is not known
    yet.
    """

    week: date | None
    file: Path
    n_requests: int
    n_with_ticket: int
    n_awaiting_key: int = 0


@dataclass(frozen=True)
class Tickets:
    """The file in the drop zone, and how many rows of the export were omitted.

    `n_others` rows have no key of this project; `n_older` rows have a key that a newer ticket also
    has.
    """

    file: Path
    n_tickets: int
    n_others: int
    n_older: int


def write_requests(
    settings: Settings, system: System, out: Path | None, *, is_again: bool = False
) -> Requests:
    """Write every request that no extract has proven done, in the import format of the system.

    A request always has the same key, and the number of its ticket once that is known. Jira
    identifies an issue only by its own key: a request that an earlier file created is omitted until
    that key is read back, unless `is_again`. Raises PersonaAccessError if nothing is built.
    """
    with asking(settings) as connection:
        week = week_computed_last(connection)
        which = "where is_open order by due_date, request_id"
        requests = select(connection, "marts.fct_revocation_requests", ["*"], which)
    file = out or settings.home / "requests" / f"requests_{system}_{week}{ENDINGS[system]}"
    n_open = len(requests)
    if system == "jira":
        requests = _creatable(settings.home / "requests" / CREATED, file, requests, is_again)
    write_atomically(file, written(system, requests))
    n_with_ticket = sum(request["ticket_number"] is not None for request in requests)
    return Requests(week, file, len(requests), n_with_ticket, n_open - len(requests))


def _creatable(memory: Path, file: Path, requests: list[Record], is_again: bool) -> list[Record]:
    """Omit requests that another file created, and record those that this one creates."""
    created: dict[str, str] = json.loads(memory.read_text("utf-8")) if memory.is_file() else {}
    kept = [
        request
        for request in requests
        if is_of_jira(request)
        or is_again
        or created.get(request["request_id"], file.name) == file.name
    ]
    new = {each["request_id"]: file.name for each in kept if not is_of_jira(each)}
    write_atomically(memory, json.dumps(created | new, indent=2, sort_keys=True) + "\n")
    return kept


def bring_tickets(settings: Settings, system: System, export: Path, day: date) -> Tickets:
    """Put the tickets of an export into the drop zone as a file of the feed `review_decisions`.

    If the drop zone is a bucket, the file is written to the home, to be copied to the bucket.

    Rows without a key of this project are other tickets and are omitted. The export can be from any
    week: the states of its tickets count from `day`. Raises SettingsError for a file that cannot be
    read or lacks a column that identifies the ticket.
    """
    columns = EXPORTS.get(system)
    if columns is None:
        raise SettingsError(
            f"Tickets are read from exports of {' or '.join(EXPORTS)}; a webhook sends none: name "
            "one of them with --system."
        )
    found = read_export(export, columns, settings.max_expanded_bytes)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["item_id", "ticket_number", "ticket_state"])
    writer.writerows([each.key, each.number, each.state] for each in found.tickets)
    zone = settings.zones_of_feeds.get("review_decisions", settings.main_zone)
    # A person who can write to the bucket uploads the file.
    folder = zone.folder if zone.url is None else settings.home / "requests"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"review_decisions_tickets_{system}_{day}.csv"
    if found.tickets:
        write_atomically(file, text.getvalue())
    return Tickets(file, len(found.tickets), found.n_others, found.n_older)
