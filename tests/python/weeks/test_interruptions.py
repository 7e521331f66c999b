"""Signals, full disks, torn logs, odd paths and busy warehouses give a message; nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from persona_access.audit.chain import Chain, TornError, is_torn
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.files import refuse_without_temporary_folder
from persona_access.base.settings import load_settings
from persona_access.base.targets import claim_home
from persona_access.base.warehouse import reading
from persona_access.weeks.metrics import figures_of
from persona_access.weeks.run_record import RunRecords
from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text
from scenarios.project import ROOT, Project

PROGRAM = Path(sys.executable).with_name("persona-access")
NEXT = date(2026, 2, 2)
HOLDER = """
import duckdb, sys
held = duckdb.connect(sys.argv[1], read_only=True)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def bank(built_bank: Project, tmp_path: Path) -> Project:
    """Copy the built bank, with one more delivery in the drop zone."""
    home = tmp_path / "data"
    shutil.copytree(built_bank.settings.home, home)
    project = built_bank.with_home(home)
    for feed in FEEDS:
        project.deliver(feed, NEXT, feed_text(feed_rows(feed, 3)))
    return project


def _listen_to_signals() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def stopped(
    project: Project, number: int, when: Callable[[], bool], *arguments: str, settle: str = "0"
) -> subprocess.CompletedProcess[str]:
    """Run a command, and send it a signal as soon as a condition is true."""
    environment = os.environ | project._environment
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=project.root,
        env=environment | {"PERSONA_ACCESS_SETTLE_SECONDS": settle},
        # Tests that run in the background may ignore the signals of a terminal.
        preexec_fn=_listen_to_signals,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not when() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def writes(project: Project) -> Callable[[], bool]:
    """Return whether the warehouse is being written to: a build is running."""
    log = project.settings.warehouse.with_name("warehouse.duckdb.wal")

    def state() -> tuple[int, int]:
        try:
            found = log.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_size, found.st_mtime_ns)

    before = state()
    return lambda: state()[0] > 0 and state() != before


def sentence(result: subprocess.CompletedProcess[str], number: int) -> None:
    name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
    assert result.returncode == 128 + number, result.stdout + result.stderr
    assert f"persona-access: interrupted by {name}; nothing is left half-done" in result.stderr
    assert "Traceback" not in result.stderr
    assert "FAILED" not in result.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_load_that_is_interrupted_leaves_the_drop_zone_for_the_next(
    bank: Project, number: int
) -> None:
    waiting = sorted(file.name for file in bank.settings.drop_zone.iterdir())
    lock = bank.settings.raw / ".lock"
    lock.unlink(missing_ok=True)

    def is_loading() -> bool:
        return lock.is_file() and lock.stat().st_size > 0

    result = stopped(bank, number, is_loading, "load", settle="100")
    sentence(result, number)
    assert sorted(file.name for file in bank.settings.drop_zone.iterdir()) == waiting


def test_a_run_and_a_build_that_are_interrupted_say_so_and_continue(bank: Project) -> None:
    bank.leave_parse()
    begun = writes(bank)
    sentence(stopped(bank, signal.SIGTERM, begun, "run", "--due", str(NEXT)), signal.SIGTERM)
    record = RunRecords(bank.settings.home).all()[-1]
    assert (record.result, record.step) == ("interrupted", "build")
    assert record.ended_at
    assert record.error
    assert record.error.startswith("interrupted by SIGTERM")
    figures = {
        family.name: family.samples[0].value
        for family in figures_of(bank.settings, record).collect()
    }
    assert figures["persona_access_run_interrupted"] == 1
    assert figures["persona_access_run_succeeded"] == 0

    before = bank.query("select count(*) as n from runs.week_builds")
    result = stopped(bank, signal.SIGINT, writes(bank), "build")
    sentence(result, signal.SIGINT)
    assert bank.query("select count(*) as n from runs.week_builds") == before


def test_a_reader_that_holds_the_warehouse_is_named_and_exits_three(bank: Project) -> None:
    bank.load()
    holder = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            HOLDER,
            str(bank.settings.warehouse),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        result = bank.run("build")
    finally:
        holder.communicate(b"")
    assert result.exit_code == 3, result.output
    assert f"is in use by {Path(sys.executable).resolve().name}, process {holder.pid}" in (
        " ".join(result.output.split())
    )


def test_without_a_temporary_folder_the_folders_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/a', '/b']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    with pytest.raises(MachineError, match=r"'/a', '/b'.*TMPDIR"):
        refuse_without_temporary_folder()


def test_an_empty_mark_of_a_full_disk_does_not_lock_a_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".target").write_text("")
    settings = load_settings(environ={"PERSONA_ACCESS_HOME": str(home)})
    claim_home(settings.home, settings.target)
    assert (home / ".target").read_text("utf-8") == "dev\n"
    with pytest.raises(SettingsError, match="belongs to the target 'dev'"):
        load_settings(
            environ={"PERSONA_ACCESS_HOME": str(home), "PERSONA_ACCESS_TARGET": "production"}
        )


def test_a_full_disk_leaves_no_mark_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        claim_home(tmp_path / "home", "dev")
    assert not (tmp_path / "home" / ".target").exists()


@pytest.mark.parametrize("sign", ["'", '"', "#", "?", "*", "[", "\\", "\n", "\x1b"])
@pytest.mark.parametrize("variable", ["HOME", "WAREHOUSE", "PUBLISHED", "SEEDS"])
def test_a_path_that_sql_would_misread_is_refused_at_once(sign: str, variable: str) -> None:
    with pytest.raises(SettingsError, match="rename the folder") as refused:
        load_settings(environ={f"PERSONA_ACCESS_{variable}": f"/srv/it{sign}s/data"})
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_path_in_another_language_works_under_the_c_locale(
    built_bank: Project, tmp_path: Path
) -> None:
    home = tmp_path / "Zugänge é 日本 + x"
    home.mkdir()
    environment = os.environ | built_bank._environment
    environment |= {"PERSONA_ACCESS_HOME": str(home), "LC_ALL": "C", "LANG": "C"}
    for feed in FEEDS:
        (home / "drop").mkdir(exist_ok=True)
        text = feed_text(feed_rows(feed, 1))
        (home / "drop" / f"{feed}_{WEEKS[1]}.csv").write_text(text, "utf-8")
    built_bank.with_home(home).leave_parse()
    for command in (("load",), ("build",), ("summary",)):
        done = subprocess.run(
            [PROGRAM, *command],
            cwd=built_bank.root,
            env=environment,
            capture_output=True,
            check=False,
        )
        said = done.stdout.decode() + done.stderr.decode()
        assert "Traceback" not in said
        assert done.returncode == 0 or "failed" in said, said
    with reading(home / "warehouse.duckdb") as connection:
        assert connection.sql("from runs.week_builds").fetchall()


def log_of(tmp_path: Path, n_entries: int = 3) -> Chain:
    chain = Chain(tmp_path / "audit" / "log.jsonl")
    for number in range(n_entries):
        chain.append(at="2026-01-05", who="a@b", action="load", what={"n": number}, files={})
    return chain


@pytest.mark.parametrize("zeros", [b"", b"\0" * 7])
@pytest.mark.parametrize("kept", [1, 5, 11, 60, -2])
def test_a_torn_last_entry_is_repaired_and_nothing_else(
    tmp_path: Path, kept: int, zeros: bytes
) -> None:
    chain = log_of(tmp_path)
    lines = chain.file.read_bytes().splitlines(keepends=True)
    torn = lines[-1][:kept] + zeros
    chain.file.write_bytes(b"".join(lines[:-1]) + torn)
    with pytest.raises(TornError, match="`persona-access audit repair`"):
        list(chain.read())
    with pytest.raises(TornError):
        chain.check_end()
    assert chain.repair() == torn
    assert [entry.what["n"] for entry in chain.read()] == [0, 1]
    assert chain.repair() == b""


@pytest.mark.parametrize(
    "forge",
    [
        lambda line: line.replace(b'"n":2', b'"n":9'),
        lambda _: b"nonsense",
        lambda line: line.rstrip(b"\n") + b" \n",
        lambda _: b"\n",
    ],
)
def test_a_forged_last_entry_is_not_taken_for_a_torn_one(
    tmp_path: Path, forge: Callable[[bytes], bytes]
) -> None:
    chain = log_of(tmp_path)
    lines = chain.file.read_bytes().splitlines(keepends=True)
    forged = forge(lines[-1])
    assert not is_torn(forged)
    before = b"".join(lines[:-1]) + forged
    chain.file.write_bytes(before)
    with pytest.raises(Exception, match="was changed after it was written"):
        chain.repair()
    assert chain.file.read_bytes() == before


def test_load_refuses_before_it_moves_a_file_and_works_after_the_repair(
    built_bank: Project, tmp_path: Path
) -> None:
    project = built_bank.with_home(tmp_path / "data")
    shutil.copytree(built_bank.settings.home / "audit", project.settings.home / "audit")
    shutil.copytree(built_bank.settings.raw, project.settings.raw)
    log = project.settings.home / "audit" / "log.jsonl"
    with log.open("ab") as stream:
        stream.write(b'{"action":"build","at":"2026')
    project.deliver("hr_headcount", NEXT, feed_text(feed_rows("hr_headcount", 3)))
    refused = project.run("load")
    assert refused.exit_code == 3
    assert "audit repair" in refused.output
    assert len(list(project.settings.drop_zone.iterdir())) == 1
    repaired = project.run("audit", "repair")
    assert repaired.exit_code == 0, repaired.output
    assert json.loads(log.read_bytes().splitlines()[-1])["action"] == "repair"
    loaded = project.run("load")
    assert loaded.exit_code == 0, loaded.output
    # Three of four feeds did not come.
    assert f"{NEXT} is incomplete and cannot be built: iam_app_registry is missing" in (
        " ".join(loaded.output.split())
    )


@pytest.mark.parametrize(("locale", "code"), [("C", 1), ("C.UTF-8", 0)])
def test_setup_in_a_folder_that_the_locale_cannot_read_stops_at_once(
    tmp_path: Path, locale: str, code: int
) -> None:
    folder = tmp_path / "clé"
    folder.mkdir()
    done = subprocess.run(
        ["bash", ROOT / "scripts" / "find_python.sh"],
        cwd=folder,
        env=os.environ | {"LC_ALL": locale},
        capture_output=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert (b"set LC_ALL=C.UTF-8" in done.stderr) == bool(code)


def test_a_signal_that_a_library_words_as_a_fault_is_still_a_signal() -> None:
    # In a separate process, because the signal handlers stay.
    program = (
        "import os, signal\n"
        "from persona_access.base.signals import StoppedError, stop_in_order, stops_as_themselves\n"
        "stop_in_order()\n"
        "try:\n"
        "    with stops_as_themselves():\n"
        "        try:\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "        except KeyboardInterrupt as stop:\n"
        "            raise RuntimeError('Query interrupted') from stop\n"
        "except StoppedError as stopped:\n"
        "    raise SystemExit(stopped.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 128 + signal.SIGTERM


def test_a_disk_that_takes_no_file_of_dbt_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = SimpleNamespace(success=False, exception=OSError(27, "File too large"), result=None)
    monkeypatch.setattr(DbtProject, "_run", lambda *_: refused)
    with pytest.raises(MachineError, match=r"\(File too large\): free disk space"):
        _ = DbtProject(load_settings(home=tmp_path)).manifest
