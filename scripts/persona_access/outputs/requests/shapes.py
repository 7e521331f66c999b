"""The columns of each ticket system, by its documentation.

ServiceNow: import set rows with the names of the task table's fields ("Important Task table
fields"), whose transform map coalesces on `correlation_id` ("Updating records using coalesce"): a
repeated row updates its record. Jira: the CSV importer ("Importing data from CSV"), which needs a
header without punctuation and a `Summary`, updates the issue of an `Issue Key`, and creates an
issue for a row without one; our key is in `External issue ID`. JSON lines: one document for each
request to a webhook, with an idempotency key.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from persona_access.base.printable import harmless

if TYPE_CHECKING:
    from persona_access.base.queries import Record

_ISSUE_KEY = re.compile(r"[A-Z][A-Z0-9_]+-[0-9]+")
System = Literal["servicenow", "jira", "json"]
SYSTEMS: tuple[System, ...] = ("servicenow", "jira", "json")
ENDINGS: Mapping[str, str] = {"servicenow": ".csv", "jira": ".csv", "json": ".jsonl"}

SERVICENOW = (
    "correlation_id",
    "correlation_display",
    "short_description",
    "description",
    "cmdb_ci",
    "u_account_holder",
    "opened_by",
    "due_date",
    "impact",
    "urgency",
)
JIRA = (
    "Issue Key",
    "External issue ID",
    "Issue Type",
    "Summary",
    "Description",
    "Priority",
    "Due Date",
    "Labels",
)


@dataclass(frozen=True)
class ExportColumns:
    """The names of our key, the ticket number and the state in an export of a ticket system."""

    key: tuple[str, ...]
    number: tuple[str, ...]
    state: tuple[str, ...]


# The column names of an export with labels, and of one with field names.
EXPORTS: Mapping[str, ExportColumns] = {
    "servicenow": ExportColumns(
        key=("correlation_id", "Correlation ID"),
        number=("number", "Number"),
        state=("state", "State"),
    ),
    "jira": ExportColumns(
        key=("External issue ID", "Custom field (External issue ID)"),
        number=("Issue key", "Key"),
        state=("Status",),
    ),
}


def written(system: System, requests: Sequence[Record]) -> str:
    """Write requests in the import format of a system."""
    if system == "json":
        return "".join(json.dumps(_document(each), ensure_ascii=False) + "\n" for each in requests)
    columns = SERVICENOW if system == "servicenow" else JIRA
    row = _servicenow if system == "servicenow" else _jira
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for each in requests:
        writer.writerow({name: harmless(str(value)) for name, value in row(each).items()})
    return text.getvalue()


def _servicenow(request: Record) -> dict[str, Any]:
    level = "1" if is_urgent(request) else "2"
    return {
        "correlation_id": request["request_id"],
        "correlation_display": "persona-access",
        "short_description": summary(request),
        "description": description(request),
        "cmdb_ci": request["application_id"],
        "u_account_holder": request["brid"],
        "opened_by": request["requested_by"],
        "due_date": f"{request['due_date']} 23:59:59",
        "impact": level,
        "urgency": level,
    }


def _jira(request: Record) -> dict[str, Any]:
    return {
        # The importer stops at a ticket number of another system.
        "Issue Key": request["ticket_number"] if is_of_jira(request) else "",
        "External issue ID": request["request_id"],
        "Issue Type": "Task",
        "Summary": summary(request),
        "Description": description(request),
        "Priority": "Highest" if is_urgent(request) else "High",
        "Due Date": str(request["due_date"]),
        "Labels": "access-removal",
    }


def is_of_jira(request: Record) -> bool:
    """Return whether the ticket of a request is an issue: a project's key, and a number."""
    return bool(_ISSUE_KEY.fullmatch(request["ticket_number"] or ""))


def _document(request: Record) -> dict[str, Any]:
    return {
        "idempotency_key": request["request_id"],
        "operation": "update" if request["ticket_number"] else "create",
        "state": request["request_state"],
        "ticket_number": request["ticket_number"],
        "brid": request["brid"],
        "application_id": request["application_id"],
        "summary": summary(request),
        "description": description(request),
        "requested_on": _day(request["requested_date"]),
        "requested_by": request["requested_by"],
        "due_on": _day(request["due_date"]),
        "is_urgent": is_urgent(request),
    }


def is_urgent(request: Record) -> bool:
    """Return whether the access is still held after its due date, or came back."""
    return request["request_state"] in ("still_held", "returned")


def summary(request: Record) -> str:
    """Describe in one line what to do."""
    return f"Remove access of {request['brid']} to {request['application_id']}"


def description(request: Record) -> str:
    """Describe who asked for the removal, what the registry shows, and when the request ends."""
    sentences = [
        f"Reviewer {request['requested_by']} decided on {request['requested_date']}: remove it.",
        f"The registry showed it last on {request['last_held_date']}.",
    ]
    if request["request_state"] == "still_held":
        sentences.append("It is still held past its due date.")
    if request["request_state"] == "returned":
        sentences.append(
            f"It was gone on {request['first_gone_date']} and came back on "
            f"{request['returned_date']}."
        )
    if request["decision_reason"]:
        sentences.append(f"Reason given: {request['decision_reason']}")
    sentences.append(
        "The request ends when a later extract of the registry no longer has the access, "
        "regardless of the state of this ticket."
    )
    return " ".join(sentences)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
