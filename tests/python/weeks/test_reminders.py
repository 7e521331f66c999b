"""Messages to reviewers arrive at a web server once, without content of the list."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest
from typer.testing import CliRunner

from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.settings import Settings, load_settings
from persona_access.commands.main import app
from persona_access.weeks.reminders import remind

WEEK = date(2026, 10, 5)
# People on the list must not be in a message.
SUBJECT, APPLICATION, NAME = "1078", "siem-console", "Invented Person"
ITEMS: list[tuple[str | None, ...]] = [
    # item, recipient, mail, due, decision, listed as, reviewer, delegated from and to
    ("1", "1001", "boss@bank.example", "2026-10-09", None, "new", "1001", None, None),
    ("2", "1001", "boss@bank.example", "2026-10-19", None, "new", "1001", None, None),
    ("3", "1001", "boss@bank.example", "2026-10-09", "revoke", None, "1001", None, None),
    ("4", "1001", "boss@bank.example", "2026-10-19", "keep", "again", "1001", None, None),
    ("5", "1002", None, "2026-10-19", None, "new", "1002", None, None),
    ("6", "1003", "done@bank.example", "2026-10-09", "keep", None, "1003", None, None),
    ("7", None, None, "2026-10-09", None, "new", None, None, None),
]
# 1004 answers for 1001, except for item 4, which is about 1004; 1005 does so from the tenth on.
DELEGATED: list[tuple[str | None, ...]] = [
    (item, brid, "ada@bank.example", "2026-10-19", None, "new", "1001", first, last)
    for item in "12"
    for brid, first, last in (("1004", "2026-10-01", "2026-10-09"), ("1005", "2026-10-10", None))
]


@dataclass
class Receiver:
    """A web server that Apprise posts to; it refuses while `is_down`."""

    address: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    is_down: bool = False


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not found.is_down:
                found.received.append(json.loads(body))
                found.paths.append(self.path)
            self.send_response(503 if found.is_down else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.address = f"json://127.0.0.1:{server.server_port}/to/{{brid}}"
    yield found
    server.shutdown()
    server.server_close()


def publish(home: Path, items: list[tuple[str | None, ...]]) -> None:
    lists = home / "published" / "current" / "work_lists"
    lists.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            "create table items (item_id varchar, recipient_brid varchar, recipient_email varchar, "
            "due_date date, decision varchar, listed_as varchar, reviewer_brid varchar, "
            "delegated_from date, delegated_to date)"
        )
        connection.executemany("insert into items values (?, ?, ?, ?, ?, ?, ?, ?, ?)", items)
        connection.execute(
            f"copy (select *, date '{WEEK}' as as_of_date, '{SUBJECT}' as brid, "
            "if(recipient_brid = reviewer_brid, 'manager', 'delegate') as recipient_role, "
            f"'{NAME}' as full_name, '{APPLICATION}' as application_id from items) "
            f"to '{lists}/open_items.parquet' (format parquet)"
        )


@pytest.fixture
def environment(tmp_path: Path, project_root: Path, receiver: Receiver) -> dict[str, str]:
    """Publish the lists of a week."""
    publish(tmp_path, ITEMS)
    return {
        "PERSONA_ACCESS_PROJECT": str(project_root),
        "PERSONA_ACCESS_HOME": str(tmp_path),
        "PERSONA_ACCESS_REVIEW_MESSAGES": receiver.address,
        "PERSONA_ACCESS_REVIEW_LINK": "https://reviews.bank.example/{file}.html",
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return load_settings(environ=environment)


def test_a_list_is_announced_then_what_is_due_then_what_is_overdue(
    settings: Settings, receiver: Receiver
) -> None:
    """Twice on each day: the second run sends nothing."""
    told = []
    for day in (5, 7, 8, 10, 12, 20):
        first = remind(settings, date(2026, 10, day))
        again = remind(settings, date(2026, 10, day))
        assert (again.n_list, again.n_due) == (0, 0)
        told.append((day, first.n_list, first.n_due, first.n_overdue))
    # 1001 has two dates, 1002 one; the overdue of a list are announced once.
    assert told == [
        (5, 2, 0, 0),
        (7, 0, 1, 0),
        (8, 0, 0, 0),
        (10, 0, 0, 1),
        (12, 0, 0, 0),
        (20, 0, 0, 1),
    ]
    titles = [message["title"] for message in receiver.received]
    assert titles[:2] == [
        "Access review of 2026-10-05: 3 items to decide",
        "Access review of 2026-10-05: 1 item to decide",
    ]
    assert "Access review: 1 item due by 2026-10-10" in titles
    assert len(titles) == len(receiver.paths)
    assert {path for path in receiver.paths if path.endswith("1003")} == set()


def test_a_message_says_nothing_of_the_people_on_the_list(
    settings: Settings, receiver: Receiver
) -> None:
    for day in (5, 7, 10):
        remind(settings, date(2026, 10, day))
    assert len(receiver.received) >= 4
    for message in receiver.received:
        text = json.dumps(message)
        assert not [
            word for word in (SUBJECT, APPLICATION, NAME, "bank.example/done") if word in text
        ]
        assert "https://reviews.bank.example/review_decisions_" in message["message"]


def test_who_answers_for_a_reviewer_is_asked_instead(
    settings: Settings, tmp_path: Path, receiver: Receiver
) -> None:
    """The reviewer is asked about items that no delegate has; delegates only on their days."""
    publish(tmp_path, ITEMS + DELEGATED)
    remind(settings, date(2026, 10, 5))
    assert receiver.paths == ["/to/1001", "/to/1004", "/to/1002"]
    reviewer, delegate = receiver.received[:2]
    assert "You have 1 item to decide." in reviewer["message"]
    assert "2 items to decide on the list that you answer for somebody" in delegate["message"]
    assert f"review_decisions_1004_for_1001_{WEEK}" in delegate["message"]
    assert remind(settings, date(2026, 10, 5)).n_list == 0
    remind(settings, date(2026, 10, 10))
    assert receiver.paths[3:] == ["/to/1005"]


@pytest.fixture
def attaching(environment: dict[str, str], settings: Settings) -> dict[str, str]:
    """Publish the workbooks, and let messages attach them."""
    lists = settings.published / "current" / "work_lists"
    for brid in ("1001", "1002"):
        (lists / f"review_decisions_{brid}_{WEEK}.xlsx").write_bytes(f"list of {brid}".encode())
    return environment | {"PERSONA_ACCESS_REVIEW_ATTACHMENT": "xlsx"}


def test_the_first_message_carries_the_list_of_its_reviewer_where_that_is_set(
    attaching: dict[str, str], receiver: Receiver
) -> None:
    settings = load_settings(environ=attaching)
    for day in (5, 7, 10):
        remind(settings, date(2026, 10, day))
    carried = {
        path: [base64.b64decode(each["base64"]).decode() for each in message["attachments"]]
        for path, message in zip(receiver.paths, receiver.received, strict=True)
        if message["attachments"]
    }
    assert carried == {"/to/1001": ["list of 1001"], "/to/1002": ["list of 1002"]}
    assert len(receiver.received) > 2
    for message in receiver.received:
        words = " ".join((message["title"], message["message"]))
        assert not [word for word in (SUBJECT, APPLICATION, NAME) if word in words]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("json://127.0.0.1/everybody", "same for all reviewers"),
        ("ifttt://key@event/{brid}", "does not support attachments"),
    ],
)
def test_a_list_is_not_attached_for_others_nor_dropped(
    attaching: dict[str, str], address: str, reason: str
) -> None:
    settings = load_settings(environ=attaching | {"PERSONA_ACCESS_REVIEW_MESSAGES": address})
    with pytest.raises(SettingsError, match=reason):
        remind(settings, WEEK)


def test_a_list_that_is_not_there_is_not_announced(
    attaching: dict[str, str], settings: Settings, receiver: Receiver
) -> None:
    for file in (settings.published / "current" / "work_lists").glob("*.xlsx"):
        file.unlink()
    with pytest.raises(PersonaAccessError, match="run `persona-access publish`"):
        remind(load_settings(environ=attaching), WEEK)
    assert receiver.received == []


def test_what_did_not_arrive_is_sent_by_the_next_run_and_nothing_twice(
    settings: Settings, receiver: Receiver
) -> None:
    receiver.is_down = True
    with pytest.raises(MachineError, match="did not reach address number 1"):
        remind(settings, WEEK)
    receiver.is_down = False
    assert remind(settings, WEEK).n_list == 2
    assert len(receiver.received) == 2
    marks = [file.read_text("utf-8") for file in (settings.home / "messages").glob("*.json")]
    assert len(marks) == 2
    assert not [mark for mark in marks if "1001" in mark or "boss" in mark]


def test_reviewers_without_a_mail_are_counted(environment: dict[str, str]) -> None:
    address = environment["PERSONA_ACCESS_REVIEW_MESSAGES"] + "/{mail}"
    settings = load_settings(environ=environment | {"PERSONA_ACCESS_REVIEW_MESSAGES": address})
    sent = remind(settings, WEEK)
    assert (sent.n_list, sent.n_without_mail) == (1, 1)


@pytest.mark.parametrize(
    "mail",
    [
        "boss@bank.example, other@elsewhere.example",
        "boss@bank.example other@elsewhere.example",
        "boss@bank.example;other@elsewhere.example",
        "boss@bank.example\nBcc: other@elsewhere.example",
        "boss@bank.example&bcc=other@elsewhere.example",
        "boss@bank.example?to=other@elsewhere.example",
        "boss@bank.example%2Cother@elsewhere.example",
        "Boss <other@elsewhere.example>",
        "Boss",
    ],
)
def test_a_mail_that_is_not_one_address_reaches_nobody(
    environment: dict[str, str], tmp_path: Path, mail: str
) -> None:
    address = "mailto://u:p@127.0.0.1:9/{mail}?from=reviews@bank.example"
    publish(tmp_path, [("1", "1001", mail, "2026-10-09", None, "new", "1001", None, None)])
    settings = load_settings(environ=environment | {"PERSONA_ACCESS_REVIEW_MESSAGES": address})
    sent = remind(settings, WEEK)
    assert (sent.n_list, sent.n_without_mail) == (0, 1)


def test_unusual_addresses_are_used_unchanged(
    environment: dict[str, str], tmp_path: Path, receiver: Receiver
) -> None:
    mail = "mary-ann.o'neil+reviews@uk.bank-1.example"
    publish(tmp_path, [("1", "1001", mail, "2026-10-09", None, "new", "1001", None, None)])
    address = environment["PERSONA_ACCESS_REVIEW_MESSAGES"].replace("{brid}", "{mail}")
    settings = load_settings(environ=environment | {"PERSONA_ACCESS_REVIEW_MESSAGES": address})
    assert remind(settings, WEEK).n_list == 1
    assert [unquote(path) for path in receiver.paths] == [f"/to/{mail}"]


def test_an_address_that_is_wrong_for_everybody_is_an_error(environment: dict[str, str]) -> None:
    wrong = environment | {"PERSONA_ACCESS_REVIEW_MESSAGES": "no-such-service://{mail}"}
    with pytest.raises(SettingsError, match="Address number 1 of PERSONA_ACCESS_REVIEW_MESSAGES"):
        remind(load_settings(environ=wrong), WEEK)


def test_the_command_counts_first_and_prints_one_document(
    environment: dict[str, str], receiver: Receiver
) -> None:
    command = ["remind", "--date", str(WEEK), "--json"]
    dry = CliRunner().invoke(app, [*command, "--dry-run"], env=environment)
    assert dry.exit_code == 0, dry.output
    assert json.loads(dry.stdout)["n_list"] == 2
    assert receiver.received == []
    done = CliRunner().invoke(app, command, env=environment)
    assert json.loads(done.stdout)["n_list"] == 2
    assert len(receiver.received) == 2


def test_without_an_address_or_a_list_it_says_what_to_do(
    environment: dict[str, str], tmp_path: Path
) -> None:
    without = {key: value for key, value in environment.items() if "MESSAGES" not in key}
    with pytest.raises(SettingsError, match="set PERSONA_ACCESS_REVIEW_MESSAGES"):
        remind(load_settings(environ=without), WEEK)
    (tmp_path / "published" / "current" / "work_lists" / "open_items.parquet").unlink()
    with pytest.raises(PersonaAccessError, match="run `persona-access publish`"):
        remind(load_settings(environ=environment), WEEK)
