"""Removal requests for ticket systems: documented columns, and reading of exports."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from loader_home import Home
from persona_access.base.errors import SettingsError
from persona_access.base.queries import Record
from persona_access.base.settings import load_settings
from persona_access.outputs.requests.exports import Export, Ticket, read_export
from persona_access.outputs.requests.shapes import (
    EXPORTS,
    JIRA,
    SERVICENOW,
    SYSTEMS,
    System,
    written,
)
from persona_access.outputs.requests.write import _creatable, bring_tickets

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


# Fields of ServiceNow's task table: "Important Task table fields" of its documentation, and the
# data dictionary of the table (correlation_id, correlation_display, cmdb_ci, opened_by).
TASK_FIELDS = {
    "short_description", "description", "opened_by", "due_date", "impact", "urgency", "cmdb_ci",
    "correlation_id", "correlation_display",
}  # fmt: skip


def test_servicenow_gets_import_set_rows_that_coalesce_on_the_key() -> None:
    """Apply the rules of "Updating records using coalesce".

    A row updates the record whose field has its value, and an empty one always creates a record.
    Fields that are not the table's own begin with u_.
    """
    first, late = lines_of("servicenow")
    assert {name for name in SERVICENOW if not name.startswith("u_")} == TASK_FIELDS
    keys = [row["correlation_id"] for row in (first, late)]
    assert all(keys)
    assert len(set(keys)) == 2
    assert tuple(first) == SERVICENOW
    assert first["correlation_id"] == REQUEST["request_id"]
    assert first["due_date"] == "2026-10-14 23:59:59"
    assert (first["impact"], late["impact"]) == ("2", "1")
    assert "still held past its due date" in late["description"]


def test_jira_gets_what_its_importer_documents() -> None:
    """Apply the rules of "Importing data from CSV".

    They are: a header with a Summary and without punctuation, a value, perhaps empty, for each
    column, and quotes around values with line breaks or commas.
    """
    text = written("jira", [REQUEST | {"decision_reason": 'Left, "as agreed",\nin May'}])
    assert "Summary" in JIRA
    assert all(name.replace(" ", "").isalnum() for name in JIRA)
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert len(header) == len(row)
    assert 'Left, "as agreed",\nin May' in row[JIRA.index("Description")]


def test_jira_gets_issues_that_are_updated_once_their_key_is_known() -> None:
    first, late = lines_of("jira")
    assert tuple(first) == JIRA
    assert (first["Issue Key"], late["Issue Key"]) == ("", "ACC-7")
    assert first["External issue ID"] == REQUEST["request_id"]
    assert first["Summary"] == "Remove access of 1078 to siem-console"
    assert (first["Due Date"], first["Priority"]) == ("2026-10-14", "High")


def test_jira_never_gets_the_number_of_another_system() -> None:
    (line,) = csv.DictReader(io.StringIO(written("jira", [LATE | {"ticket_number": "RITM001"}])))
    assert line["Issue Key"] == ""


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


KEY = REQUEST["request_id"]
TABLE = [
    ["Issue key", "Summary", "Status", "Custom field (External issue ID)"],
    ["ACC-9", 'Entfernen; sofort, "heute"', "Geöffnet", KEY],
    ["ACC-10", "Created twice", "Erledigt für heute", f"'@{KEY}"],
    ["ACC-11", "Of another tool", "Open", "SYNC-4711"],
    ["ACC-12", "Of nobody", "Open", ""],
]


def _as_csv(delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(TABLE)
    return text.getvalue()


def _as_workbook(file: Path, first_row: int) -> None:
    book = Workbook()
    book.active.title = "About"
    sheet = book.create_sheet("your_jira_issues")
    for row in [["Jira"]] * first_row + TABLE:
        sheet.append(row)
    book.save(file)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_export_is_read_as_jira_and_spreadsheets_write_it(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(_as_csv(delimiter).encode(encoding))
    assert read_export(file, EXPORTS["jira"], 1 << 20) == Export(
        [Ticket(KEY, "ACC-9", "Geöffnet"), Ticket(f"@{KEY}", "ACC-10", "Erledigt für heute")], 2, 0
    )


@pytest.mark.parametrize("first_row", [0, 3])
def test_a_workbook_is_read_below_its_title(tmp_path: Path, first_row: int) -> None:
    file = tmp_path / "export.xlsx"
    _as_workbook(file, first_row)
    tickets = read_export(file, EXPORTS["jira"], 1 << 20).tickets
    assert [each.number for each in tickets] == ["ACC-9", "ACC-10"]


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_of_two_tickets_for_one_key_the_newer_counts(
    tmp_path: Path, *, is_newest_first: bool
) -> None:
    rows = [f"{number},{number}-state,{KEY}" for number in ("ACC-9", "ACC-10")]
    file = tmp_path / "export.csv"
    lines = ["Key,Status,External issue ID", *(reversed(rows) if is_newest_first else rows)]
    file.write_text("\n".join(lines), "utf-8")
    export = read_export(file, EXPORTS["jira"], 1 << 20)
    assert export == Export([Ticket(KEY, "ACC-10", "ACC-10-state")], 0, 1)


def test_what_is_not_an_export_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    for content, reason in (
        (_as_csv(",").encode("cp1252"), "is not in UTF-8"),
        (b"PK\x03\x04 half a workbook", "cannot be read as a workbook"),
        (b"", "has no column 'External issue ID'"),
        (b"Issue key,External issue ID\nACC-1,1:a:b:c\n", "has no column 'Status'"),
    ):
        file.write_bytes(content)
        with pytest.raises(SettingsError, match=reason):
            read_export(file, EXPORTS["jira"], 1 << 20)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_export(tmp_path / "none.csv", EXPORTS["jira"], 1 << 20)


def test_a_long_comment_of_another_ticket_keeps_no_ticket_away(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    long = "x" * 200_000
    file.write_text(f'Key,Status,External issue ID,Comment\nACC-1,Open,{KEY},"{long}"\n', "utf-8")
    assert read_export(file, EXPORTS["jira"], 1 << 20).tickets == [Ticket(KEY, "ACC-1", "Open")]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            b"</sheetData>",
            b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>', "XFD1048576",
        ),
        (b"<worksheet", b"<!DOCTYPE w []><worksheet", "declares a document type"),
        (b"</sheetData>", b" " * (1 << 20) + b"</sheetData>", "expands to more than"),
    ],
)  # fmt: skip
def test_a_workbook_that_attacks_its_reader_is_refused_in_words(
    tmp_path: Path, old: bytes, new: bytes, reason: str
) -> None:
    whole, file = tmp_path / "whole.xlsx", tmp_path / "export.xlsx"
    _as_workbook(whole, 1)
    with zipfile.ZipFile(whole) as members, zipfile.ZipFile(file, "w") as changed:
        for name in members.namelist():
            content = members.read(name)
            is_sheet = name.endswith("sheet2.xml")
            changed.writestr(name, content.replace(old, new) if is_sheet else content)
    with pytest.raises(SettingsError, match=reason):
        read_export(file, EXPORTS["jira"], 1 << 20)


def test_an_export_without_our_key_is_refused_in_words(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("number,state\nRITM1,Open\n")
    settings = load_settings(environ={"PERSONA_ACCESS_HOME": str(home.path)})
    with pytest.raises(SettingsError, match="has no column 'correlation_id'"):
        bring_tickets(settings, "servicenow", file, date(2026, 10, 6))
    with pytest.raises(SettingsError, match="a webhook sends none"):
        bring_tickets(settings, "json", file, date(2026, 10, 6))
    assert not list(home.drop_zone.iterdir())


def test_an_export_that_is_read_twice_is_loaded_once(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(f"Issue key,Status,External issue ID\nACC-1,Done,{REQUEST['request_id']}\n")
    settings = load_settings(environ={"PERSONA_ACCESS_HOME": str(home.path)})
    outcomes = []
    for day in (date(2026, 10, 6), date(2026, 10, 6), date(2026, 10, 13)):
        bring_tickets(settings, "jira", file, day)
        outcomes += [each["outcome"] for each in home.load().files]
    assert outcomes == ["loaded", "unchanged", "unchanged"]
    assert len(home.rows("review_decisions")) == 1


def test_jira_is_never_asked_twice_to_create_one_issue(tmp_path: Path) -> None:
    memory = tmp_path / "requests" / "jira_created.json"
    first, next_week = tmp_path / "first.csv", tmp_path / "next.csv"
    known = REQUEST | {"ticket_number": "ACC-1"}
    assert _creatable(memory, first, [REQUEST], False) == [REQUEST]
    assert _creatable(memory, first, [REQUEST], False) == [REQUEST]
    assert _creatable(memory, next_week, [REQUEST, LATE], False) == [LATE]
    assert _creatable(memory, next_week, [known], False) == [known]
    assert _creatable(memory, next_week, [REQUEST], True) == [REQUEST]
