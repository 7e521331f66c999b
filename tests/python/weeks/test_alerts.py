"""Messages about runs arrive at a mail server and a web server once, without personal data."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.settings import Settings, load_settings
from persona_access.commands.output import Output
from persona_access.weeks.after_run import after_run
from persona_access.weeks.alerts.message import message_of
from persona_access.weeks.alerts.send import send_alert
from persona_access.weeks.run_record import RunRecord

NAME = "Invented Person"


def record(**said: Any) -> RunRecord:
    """Make the record of an invented run."""
    given: dict[str, Any] = {
        "run_id": "2026-01-05T060000Z_1",
        "started_at": "2026-01-05T06:00:00Z",
        "due_date": "2026-01-05",
        "process": "1 on nowhere",
        "commit": "",
        "versions": {},
        "as_of_date": "2026-01-05",
        "result": "published",
        "release": "2026-01-05_1",
    }
    return RunRecord(**(given | said))


STOPPED = record(
    result="stopped",
    release=None,
    weeks=[{"as_of_date": "2026-01-05"}],
    gates={"feed_size": ["feed = hr_headcount, n_rows_loaded = 37"]},
)
FAILED = record(
    result="failed",
    release=None,
    step="build",
    failed_tests=["assert_every_pair_has_one_status"],
    error=f"Conversion of '{NAME}' failed",
)


@pytest.fixture
def settings(tmp_path: Path, project_root: Path) -> Settings:
    """Return settings with a separate home and no address."""
    environment = {
        "PERSONA_ACCESS_PROJECT": str(project_root),
        "PERSONA_ACCESS_HOME": str(tmp_path),
    }
    return load_settings(environ=environment)


@pytest.fixture
def web_server() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Receive JSON on loopback: yield the address and the received messages."""
    received: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}/hook", received
    server.shutdown()
    server.server_close()


def test_a_web_hook_gets_one_message_about_a_stopped_week(
    settings: Settings, web_server: tuple[str, list[dict[str, Any]]]
) -> None:
    address, received = web_server
    settings = settings.model_copy(update={"alert_addresses": (address,)})
    assert send_alert(settings, STOPPED)
    assert not send_alert(settings, replace(STOPPED, run_id="2026-01-05T070000Z_2"))
    (message,) = received
    assert message["title"] == "Persona Access: the week 2026-01-05 is stopped by feed_size"
    assert message["type"] == "failure"
    for part in (
        "n_rows_loaded = 37",
        "--accept feed_size:2026-01-05",
        "docs/runbook.md#feed-size",
        "readers keep the previous release",
    ):
        assert part in message["message"]
    other = replace(STOPPED, gates={"feed_late": ["hr_headcount"]}, weeks=[])
    assert send_alert(settings, other)
    assert len(received) == 2


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_mailbox_gets_a_message_about_a_failed_run(settings: Settings) -> None:
    controller_module = pytest.importorskip("aiosmtpd.controller", reason="no mail server")
    mails: list[str] = []

    class Mailbox:
        async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:  # noqa: N802
            mails.append(envelope.content.decode())
            return "250 OK"

    controller = controller_module.Controller(Mailbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        address = (
            f"mailto://127.0.0.1:{controller.port}?from=runs@bank.example&to=team@bank.example"
        )
        assert send_alert(settings.model_copy(update={"alert_addresses": (address,)}), FAILED)
    finally:
        controller.stop()
    (mail,) = mails
    assert "To: team@bank.example" in mail
    assert "failed at the step build" in mail.replace("=\r\n", "").replace("\r\n ", " ")
    assert NAME not in mail


def test_no_message_repeats_the_text_of_an_error() -> None:
    message = message_of(FAILED, "docs/runbook.md")
    assert message is not None
    assert "assert_every_pair_has_one_status" in message.body
    assert NAME not in message.body + message.title


def test_a_published_week_has_a_message_and_an_idle_run_has_none() -> None:
    message = message_of(record(), "docs/runbook.md")
    assert message is not None
    assert (message.severity, message.title) == (
        "info",
        "Persona Access: the week 2026-01-05 is published as 2026-01-05_1",
    )
    assert message_of(record(result="nothing_new", release=None), "docs/runbook.md") is None


def test_what_needs_a_look_makes_a_published_week_a_warning() -> None:
    refused = {"outcome": "refused", "feed": "persona_list", "extract_date": "2026-01-05"}
    message = message_of(record(files=[refused], late_feeds=["persona_members"]), "docs")
    assert message is not None
    assert message.severity == "warning"
    assert "Refused: persona_list of 2026-01-05." in message.body
    assert "Late: persona_members" in message.body


def test_an_address_that_is_not_reached_is_named_by_its_number(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nothing listens on the discard port.
    address = "json://user:not-a-real-secret@127.0.0.1:9/hook"
    settings = settings.model_copy(update={"alert_addresses": (address,)})
    with pytest.raises(MachineError) as failed:
        send_alert(settings, FAILED)
    assert "number 1" in str(failed.value)
    assert "not-a-real-secret" not in str(failed.value) + repr(settings)
    # An unsent message is retried, and the result of the run does not change.
    after_run(settings, FAILED, Output())
    assert "The run ended" in capsys.readouterr().err


def test_an_address_that_cannot_be_read_is_reported(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="Address number 1"):
        send_alert(settings.model_copy(update={"alert_addresses": ("no address",)}), FAILED)


def test_a_published_week_names_each_large_new_cause() -> None:
    said = ["New cause of 41 findings, spelling: Add an alias. See `persona-access causes 1`."]
    message = message_of(record(new_causes=said), "runbook.md")
    assert message
    assert message.severity == "warning"
    assert said[0] in message.body.splitlines()
