"""Send messages to reviewers: when a list is published, before items are due, and when overdue.

A message has counts, dates and a link. Only the list contains the reviewed people and access. A
message has the list attached only if this is configured, and only to the reviewer's own address.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import duckdb

from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.files import write_atomically
from persona_access.base.locks import only_one
from persona_access.base.printable import counted
from persona_access.base.queries import Record, ask
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.weeks.alerts.send import sender_of

Kind = Literal["list", "due", "overdue"]
_OPEN_ITEMS = Path("work_lists") / "open_items.parquet"
# A text with several addresses would send a list to all of them, so only one plain address counts.
_MAIL = re.compile(r"[\w.+'-]+@[\w.-]+\w")
_INSTEAD = "the list that you answer for somebody else"


@dataclass(frozen=True)
class Reminder:
    """One message to a reviewer or a delegate; messages with equal content have equal keys."""

    kind: Kind
    told: str
    mail: str | None
    key: str
    title: str
    body: str
    attached: Path | None = None


@dataclass
class Sent:
    """The number of messages sent by kind, and of those not sent."""

    week: date
    n_list: int = 0
    n_due: int = 0
    n_overdue: int = 0
    n_sent_before: int = 0
    n_without_mail: int = 0
    failed: list[int] = field(default_factory=list)


def remind(settings: Settings, day: date, *, is_dry: bool = False) -> Sent:
    """Send at most one message to each reviewer with open items; none is sent twice.

    While `review_delegates` names a delegate, the delegate gets the messages, not the reviewer.
    Without `is_dry`, raises SettingsError if no address is set, if an address is invalid, or if it
    does not support attachments and a list must be attached. Raises MachineError after all other
    messages if an address could not be reached: the next run sends the rest.
    """
    addresses = settings.review_messages
    if not addresses and not is_dry:
        raise SettingsError(
            "No address is set for messages to reviewers: set PERSONA_ACCESS_REVIEW_MESSAGES, for "
            "example to mailtos://user:password@host?to={mail}."
        )
    if settings.review_attachment:
        _check_carriers(addresses)
    memory = settings.home / "messages"
    reviewers = _reviewers(settings, day)
    sent = Sent(reviewers[0]["as_of_date"] if reviewers else day)
    with only_one(memory / ".lock", "Another process is sending messages to reviewers"):
        for reviewer in reviewers:
            for reminder in _reminders(settings, reviewer, day):
                mark = memory / f"{hashlib.sha256(reminder.key.encode()).hexdigest()[:32]}.json"
                if mark.exists():
                    sent.n_sent_before += 1
                    continue
                if reminder.mail is None and any("{mail}" in each for each in addresses):
                    sent.n_without_mail += 1
                    break
                if not is_dry:
                    failed = _send(addresses, reminder)
                    if failed:
                        sent.failed = sorted({*sent.failed, *failed})
                        break
                    about = {"kind": reminder.kind, "week": str(sent.week), "sent_on": str(day)}
                    write_atomically(mark, json.dumps(about) + "\n")
                setattr(sent, f"n_{reminder.kind}", getattr(sent, f"n_{reminder.kind}") + 1)
                break
    if sent.failed:
        raise MachineError(
            "Some messages to reviewers did not reach address number "
            f"{', '.join(map(str, sent.failed))} of PERSONA_ACCESS_REVIEW_MESSAGES: check the "
            "address and that its server answers, and run the command again; sent messages "
            "are not repeated."
        )
    return sent


def _reviewers(settings: Settings, day: date) -> list[Record]:
    """Count the open items and due dates of each reviewer of the current release."""
    file = settings.published / "current" / _OPEN_ITEMS
    if not file.is_file():
        raise PersonaAccessError(
            f"There is no {file}, so there are no lists to send messages about: run "
            "`persona-access publish`."
        )
    with duckdb.connect() as connection:
        query = statement(__package__, "reminders", file=f"'{file}'")
        soon = day + timedelta(days=settings.reminder_days)
        return ask(connection, query, {"day": day, "soon": soon})


def _reminders(settings: Settings, reviewer: Record, day: date) -> Iterator[Reminder]:
    """Yield the messages that are due for a reviewer, new ones first."""
    week, brid = reviewer["as_of_date"], _list_of(reviewer)
    own = "your list" if reviewer["told_brid"] == reviewer["reviewer_brid"] else _INSTEAD
    n_open = counted(reviewer["n_open"], "item")
    first = f" The first is due on {reviewer['first_due']}." if reviewer["first_due"] else ""
    have = f"You have {n_open} to decide{'' if own == 'your list' else f' on {own}'}."
    yield _reminder(
        settings, reviewer, "list", f"list|{brid}|{week}",
        f"Access review of {week}: {n_open} to decide", f"{have}{first}",
    )  # fmt: skip
    if reviewer["n_soon"]:
        n_soon = counted(reviewer["n_soon"], "item")
        yield _reminder(
            settings, reviewer, "due", f"due|{brid}|{week}|{reviewer['first_due']}",
            f"Access review: {n_soon} due by {day + timedelta(days=settings.reminder_days)}",
            f"{n_soon} of {own} of {week} will be due soon.{first}",
        )  # fmt: skip
    if reviewer["n_overdue"]:
        n_overdue = counted(reviewer["n_overdue"], "item")
        yield _reminder(
            settings, reviewer, "overdue", f"overdue|{brid}|{week}",
            f"Access review: {n_overdue} overdue",
            f"{n_overdue} of {own} of {week} should have been decided by now.",
        )  # fmt: skip


def _reminder(
    settings: Settings, reviewer: Record, kind: Kind, key: str, title: str, body: str
) -> Reminder:
    week = reviewer["as_of_date"]
    file = f"review_decisions_{_list_of(reviewer)}_{week}"
    lines = [body]
    if settings.review_link:
        lines.append(f"The list: {settings.review_link.replace('{file}', quote(file, safe=''))}")
    attached = None
    if settings.review_attachment and kind == "list":
        name = f"{file}.{settings.review_attachment}"
        attached = settings.published / "current" / "work_lists" / name
        if not attached.is_file():
            raise PersonaAccessError(
                f"There is no {attached} to attach: run `persona-access publish`, or unset "
                "PERSONA_ACCESS_REVIEW_ATTACHMENT."
            )
        lines.append("The list is attached. Save your answers, and send the file back as usual.")
    lines.append(f"Answers that arrived after {week} are not counted yet.")
    mail = reviewer["mail"] if _MAIL.fullmatch(reviewer["mail"] or "") else None
    return Reminder(kind, reviewer["told_brid"], mail, key, title, "\n".join(lines), attached)


def _list_of(reviewer: Record) -> str:
    """Return the name of a list as in its files: a reviewer's, or a delegate's for a reviewer."""
    told, brid = reviewer["told_brid"], reviewer["reviewer_brid"]
    return str(brid) if told == brid else f"{told}_for_{brid}"


def _check_carriers(addresses: Sequence[str]) -> None:
    """Refuse shared addresses, and services that drop attachments."""
    for number, address in enumerate(addresses, start=1):
        if "{mail}" not in address and "{brid}" not in address:
            raise SettingsError(
                f"Address number {number} of PERSONA_ACCESS_REVIEW_MESSAGES is the same for all "
                "reviewers, and a list names people: write {mail} or {brid} into it, or unset "
                "PERSONA_ACCESS_REVIEW_ATTACHMENT and send a link."
            )
        example = address.replace("{mail}", "reviewer@bank.example").replace("{brid}", "1")
        services = sender_of(number, example, "PERSONA_ACCESS_REVIEW_MESSAGES")
        if not all(service.attachment_support for service in services):
            raise SettingsError(
                f"The service of address number {number} of PERSONA_ACCESS_REVIEW_MESSAGES "
                "does not support attachments: unset PERSONA_ACCESS_REVIEW_ATTACHMENT and "
                "send a link."
            )


def _send(addresses: Sequence[str], reminder: Reminder) -> list[int]:
    """Send one message to every address; return the numbers of addresses not reached."""
    values = {"{mail}": reminder.mail or "", "{brid}": reminder.told}
    failed = []
    for number, template in enumerate(addresses, start=1):
        address = template
        for name, value in values.items():
            address = address.replace(name, quote(value, safe="@"))
        sender = sender_of(number, address, "PERSONA_ACCESS_REVIEW_MESSAGES")
        attached = str(reminder.attached) if reminder.attached else None
        if not sender.notify(title=reminder.title, body=reminder.body, attach=attached):
            failed.append(number)
    return failed
