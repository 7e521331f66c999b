"""Removals for ticket systems: by the columns that each documents, and read back as it exports."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from loader_home import Home
from persona_access.base.errors import SettingsError
from persona_access.base.queries import Record
from persona_access.base.settings import load_settings
from persona_access.outputs.requests.shapes import JIRA, SERVICENOW, SYSTEMS, System, written
from persona_access.outputs.requests.write import bring_tickets

REQUEST: Record = {
    "request_id": "1078:siem-console:excess:2026-09-28",
    "request_state": "removal_requested",
    "brid": "1078",
    "application_id": "siem-console",
    "requested_by": "1001",
    "requested_date": date(2026, 9, 30),
    "due_date": date(2026, 10, 14),
    "decision_reason": '=HYPERLINK("x")',
    "last_held_date": date(2026, 10, 5),
    "first_gone_date": None,
    "returned_date": None,
    "ticket_number": None,
}
LATE = REQUEST | {
    "request_id": "1077:payments-gateway:excess:2026-09-28",
    "request_state": "still_held",
    "ticket_number": "ACC-7",
}


def lines_of(system: System) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(system, [REQUEST, LATE]), newline="")))


def test_servicenow_gets_import_set_rows_that_coalesce_on_the_key() -> None:
    """Dates as its import sets read them; the fields are those of its tasks, and one of ours."""
    first, late = lines_of("servicenow")
    assert tuple(first) == SERVICENOW
    assert first["correlation_id"] == REQUEST["request_id"]
    assert first["due_date"] == "2026-10-14 23:59:59"
    assert (first["impact"], late["impact"]) == ("2", "1")
    assert "still held past its due date" in late["description"]


def test_jira_gets_issues_that_are_updated_once_their_key_is_known() -> None:
    first, late = lines_of("jira")
    assert tuple(first) == JIRA
    assert (first["Issue Key"], late["Issue Key"]) == ("", "ACC-7")
    assert first["External issue ID"] == REQUEST["request_id"]
    assert first["Summary"] == "Remove access of 1078 to siem-console"
    assert (first["Due Date"], first["Priority"]) == ("2026-10-14", "High")


def test_a_webhook_gets_one_document_a_line_with_an_idempotency_key() -> None:
    first, late = (json.loads(line) for line in written("json", [REQUEST, LATE]).splitlines())
    assert first["idempotency_key"] == REQUEST["request_id"]
    assert (first["operation"], late["operation"]) == ("create", "update")
    assert (first["due_on"], first["is_urgent"], late["is_urgent"]) == ("2026-10-14", False, True)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_same_requests_are_the_same_bytes(system: System) -> None:
    assert written(system, [REQUEST, LATE]) == written(system, [dict(REQUEST), dict(LATE)])


def test_returned_access_says_when_it_was_gone() -> None:
    back = REQUEST | {
        "request_state": "returned",
        "first_gone_date": date(2026, 10, 12),
        "returned_date": date(2026, 10, 26),
    }
    (line,) = csv.DictReader(io.StringIO(written("jira", [back]), newline=""))
    assert "gone on 2026-10-12 and came back on 2026-10-26" in line["Description"]


@pytest.mark.parametrize(
    ("system", "export"),
    [
        ("servicenow", "number,state,correlation_id\nRITM1,Closed Complete,{key}\nRITM2,Open,\n"),
        ("servicenow", '"Number","State","Correlation ID"\nRITM1,Closed Complete,{key}\nRITM2,,\n'),
        (
            "jira",
            "Issue key,Status,Custom field (External issue ID)\nRITM1,Closed Complete,{key}\n",
        ),
    ],
)
def test_tickets_come_back_through_the_loader(
    home: Home, tmp_path: Path, system: System, export: str
) -> None:
    file = tmp_path / "export.csv"
    file.write_text(export.format(key=REQUEST["request_id"]), "utf-8-sig")
    settings = load_settings(environ={"PERSONA_ACCESS_HOME": str(home.path)})
    brought = bring_tickets(settings, system, file, date(2026, 10, 6))
    assert (brought.n_tickets, brought.n_others) == (1, export.count("RITM2"))
    assert home.load().only["outcome"] == "loaded"
    assert home.rows("review_decisions", "item_id, decision, ticket_number, ticket_state") == [
        (REQUEST["request_id"], None, "RITM1", "Closed Complete")
    ]


def test_an_export_without_our_key_is_refused_in_words(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("number,state\nRITM1,Open\n")
    settings = load_settings(environ={"PERSONA_ACCESS_HOME": str(home.path)})
    with pytest.raises(SettingsError, match="has no column 'correlation_id'"):
        bring_tickets(settings, "servicenow", file, date(2026, 10, 6))
    with pytest.raises(SettingsError, match="a webhook sends none"):
        bring_tickets(settings, "json", file, date(2026, 10, 6))
    assert not list(home.drop_zone.iterdir())
