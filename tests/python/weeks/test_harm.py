"""Problems around the run give clear messages, and nothing is lost, half done or done twice.

Disks are really small or read-only, in a separate namespace, and servers are killed.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import from_url
from typer.testing import CliRunner

from loader_home import MEMBERS, Home, members_file
from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.settings import find_project_root
from persona_access.base.warehouse import opening
from persona_access.commands.main import app
from persona_access.loader.drop_zone import bucket
from persona_access.loader.drop_zone.bucket import Bucket
from persona_access.loader.outcome import Outcome

CLI = (sys.executable, "-m", "persona_access")
BUCKET = "s3://harm/weekly"


def shell(mounting: tuple[str, ...], script: str, home: Path, drop_zone: Path) -> list[list[str]]:
    """Run a script with $LOAD for a load; returns what each load said, with its exit code last."""
    load = f"{' '.join(CLI)} load --settle-seconds 0 --leave-files --drop-zone {drop_zone}"
    done = subprocess.run(
        [*mounting, script],
        env={**os.environ, "PERSONA_ACCESS_HOME": str(home), "H": str(home), "LOAD": load},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return [said.splitlines() for said in done.stdout.split("=====\n")]


def test_a_full_disk(mounting: tuple[str, ...], tmp_path: Path) -> None:
    home, drop_zone = tmp_path / "home", tmp_path / "drop"
    home.mkdir()
    drop_zone.mkdir()
    chance = random.Random(1)  # noqa: S311 - no secret, but nothing to compress
    rows = "".join(f"{chance.randbytes(16).hex()},p{n % 3}\n" for n in range(60_000))
    (drop_zone / MEMBERS).write_text("brid,persona_id\n" + rows)
    full, after = shell(
        mounting,
        "mount -t tmpfs -o size=1m none $H; $LOAD 2>&1; echo $?; ls $H/raw/load_ledger $H/raw/.work"
        " 2>/dev/null; echo =====; mount -o remount,size=64m $H; $LOAD 2>&1; echo $?",
        home,
        drop_zone,
    )
    # Nothing remains besides the exit code: no record, no partial file.
    assert full[-1] == "3"
    assert "No space left on device" in full[-2]
    assert after[-1] == "0"
    assert "60,000 rows" in after[0]


def test_a_folder_that_may_only_be_read(mounting: tuple[str, ...], tmp_path: Path) -> None:
    home, drop_zone = tmp_path / "home", tmp_path / "drop"
    home.mkdir()
    drop_zone.mkdir()
    (drop_zone / MEMBERS).write_text(members_file())
    for command in ("$LOAD", f"{' '.join(CLI)} run --due 2026-11-16"):
        (said,) = shell(
            mounting,
            f"mount -t tmpfs -o ro none $H; {command} 2>&1; echo $?",
            home,
            drop_zone,
        )
        assert said[-1] == "3"
        (sentence,) = said[:-1]
        assert "Read-only file system" in sentence
    assert (drop_zone / MEMBERS).exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """Start an S3 server that can be killed; what it holds dies with it."""
    pytest.importorskip("moto.server", reason="moto is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "not-a-real-key",
        "AWS_SECRET_ACCESS_KEY": "not-a-real-secret",
    }.items():
        monkeypatch.setenv(name, value)
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    boto3 = pytest.importorskip("boto3", reason="it comes with moto")
    config = boto3.session.Config(retries={"max_attempts": 20})
    boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", config=config).create_bucket(
        Bucket="harm"
    )
    yield process
    process.kill()
    process.wait()


def test_a_server_that_is_killed_amid_a_file(
    home: Home, server: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    obstore.put(from_url(BUCKET), MEMBERS, b"brid,persona_id\n" + bytes(40_000_000))
    chunks = bucket._chunks
    n_chunks = 0

    def killing(found: Any) -> Iterator[bytes]:
        nonlocal n_chunks
        for chunk in chunks(found):
            n_chunks += 1
            server.kill()
            yield chunk

    monkeypatch.setattr(bucket, "_CHUNK_BYTES", 1_000_000)
    monkeypatch.setattr(bucket, "_chunks", killing)
    exit_code, _, stderr = home.run("--drop-zone", BUCKET)
    assert n_chunks > 0
    assert (exit_code, len(stderr.splitlines())) == (3, 1)
    assert f"The drop zone {BUCKET} cannot be read at {MEMBERS}" in stderr
    assert home.ledger() == {}


def test_a_server_that_is_killed_before_files_are_archived(
    home: Home, server: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    obstore.put(from_url(BUCKET), MEMBERS, members_file().encode())
    archive_or_reject = Bucket.archive_or_reject

    def killing(place: Bucket, outcome: Outcome, name: str) -> Outcome:
        server.kill()
        server.wait()
        return archive_or_reject(place, outcome, name)

    monkeypatch.setattr(Bucket, "archive_or_reject", killing)
    exit_code, _, stderr = home.run("--drop-zone", BUCKET)
    assert (exit_code, len(stderr.splitlines())) == (3, 1)
    assert f"cannot be changed at {MEMBERS}" in stderr
    assert "loaded files stay loaded" in stderr
    assert len(home.rows("persona_members")) == 30


def test_two_runs_started_at_once(home: Home) -> None:
    command = [*CLI, "run", "--due", "2026-11-16", "--wait-minutes", "60", "--poll-seconds", "600"]
    environment = {**os.environ, "PERSONA_ACCESS_HOME": str(home.path)}
    first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    first.stdout.readline()
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 3
    who = f"Another run is active (process {first.pid} on {socket.gethostname()} since 20"
    assert who in second.stderr
    assert len(list((home.path / "runs").iterdir())) == 1
    # The lock ends with its process, even after a kill.
    first.send_signal(signal.SIGKILL)
    first.wait()
    third = CliRunner().invoke(app, command[3:6], env=environment)
    assert "was interrupted at the step load" in third.stdout
    assert third.exit_code == 1


def test_a_clock_set_back_by_years_refuses_no_file(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.load_one(MEMBERS, members_file())
    newer = home.drop("persona_members_2026-11-23.csv", members_file())
    for module in ("discovery", "loading"):
        monkeypatch.setattr(f"persona_access.loader.{module}.latest_date", lambda: date(1971, 1, 2))
    exit_code, _, stderr = home.run()
    assert exit_code == 3
    assert "but an extract of 2026-11-16 is loaded: set the clock" in stderr
    assert newer.exists()
    monkeypatch.undo()
    assert home.load().only["outcome"] == "loaded"


def test_a_clock_that_jumps_ahead_only_finds_the_feeds_late(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_HOME", str(home.path))
    home.load_one(MEMBERS, members_file())
    tomorrow = date(2026, 11, 16) + timedelta(days=400)
    monkeypatch.setattr("persona_access.weeks.run.today", lambda: tomorrow)
    result = CliRunner().invoke(app, ["run"])
    assert result.exit_code == 1
    assert f"arrived in the days up to {tomorrow}" in result.stderr
    assert not (home.path / "warehouse.duckdb").exists()


def test_a_warehouse_without_its_folder_is_not_reported_to_be_in_use(tmp_path: Path) -> None:
    with (
        pytest.raises(PersonaAccessError, match=r"no folder .*nowhere for the warehouse"),
        opening(tmp_path / "nowhere" / "warehouse.duckdb"),
    ):
        pass


def test_a_command_in_a_folder_that_is_gone_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    with pytest.raises(SettingsError, match="no longer exists: change to another one"):
        find_project_root({})


def test_a_warehouse_that_another_process_holds_is_reported_as_in_use(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    script = f"import duckdb; c = duckdb.connect({str(warehouse)!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        (sys.executable, "-c", script), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        in_use = r"in use by python\S*, process \d+"
        with pytest.raises(MachineError, match=in_use), opening(warehouse):
            pass
        holder.communicate(b"\n")
