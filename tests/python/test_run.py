"""The weekly run: once and whole, whatever stops it in between."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from persona_access.build import read_result
from persona_access.content_hash import ContentHash, content_hash
from persona_access.errors import SettingsError
from persona_access.loader.home_lock import only_one
from persona_access.publish.manifest import read_manifest
from persona_access.run.gates import GATES, accepted_weeks, read_accepted, stopped_gates
from persona_access.run.waiting import wait_for_feeds
from persona_access.warehouse import reading
from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text, make_bank
from scenarios.project import Project

WEEK = WEEKS[1]


def bank_of_one_week(root: Path) -> Project:
    """Make the bank with its first week in the drop zone."""
    project = make_bank(root)
    for file in project.settings.drop_zone.iterdir():
        if str(WEEK) not in file.name:
            file.unlink()
    return project


def run(project: Project, *options: str) -> Result:
    return project.run("run", "--due", str(WEEK), *options)


def records(project: Project) -> list[dict[str, Any]]:
    files = (project.settings.home / "runs").glob("*.json")
    return [
        json.loads(file.read_text())
        for file in sorted(files, key=lambda file: int(file.stem.rpartition("_")[2]))
    ]


def contents(project: Project) -> dict[str, ContentHash]:
    """Hash everything that a week leaves in the warehouse, apart from the time it was made."""
    with reading(project.settings.warehouse) as connection:
        tables = connection.sql(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('marts', 'snapshots', 'intermediate') "
            "and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        clock = ("loaded_at", "dbt_updated_at", "dbt_scd_id")
        return {name: content_hash(connection, name, without=clock) for (name,) in tables}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make a bank whose first week waits in the drop zone."""
    return bank_of_one_week(tmp_path_factory.mktemp("run") / "project")


@pytest.fixture(scope="module")
def done(template: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Run the week once without a fault, with metrics."""
    project = template.copy(tmp_path_factory.mktemp("done") / "project")
    os.environ["PERSONA_ACCESS_METRICS_FILE"] = str(project.root / "metrics.prom")
    try:
        result = run(project)
    finally:
        del os.environ["PERSONA_ACCESS_METRICS_FILE"]
    assert result.exit_code == 0, result.output
    return project


def test_a_run_leads_from_files_to_a_release(done: Project) -> None:
    (record,) = records(done)
    assert record["result"] == "published"
    assert record["as_of_date"] == str(WEEK)
    assert sorted(record["step_seconds"]) == ["build", "load", "publish"]
    assert {file["feed"] for file in record["files"]} == set(FEEDS)
    assert record["release"] == f"{WEEK}_1"
    assert (done.settings.published / "current" / "marts").is_dir()


def test_the_warehouse_shows_the_record_of_runs(done: Project) -> None:
    # The hook looked when the build began, and the run was at work then.
    (row,) = done.query("select run_id, result, commit from runs.weekly_runs")
    assert row["run_id"] == records(done)[0]["run_id"]
    assert row["result"] == "published"


def test_the_metrics_tell_of_the_run(done: Project) -> None:
    lines = (done.root / "metrics.prom").read_text().splitlines()
    assert "persona_access_run_succeeded 1.0" in lines
    assert 'persona_access_run_stopped{gate="feed_size"} 0.0' in lines
    n_people = len(feed_rows("hr_headcount", 1))
    assert f'persona_access_feed_rows{{feed="hr_headcount"}} {float(n_people)}' in lines
    assert any(line.startswith('persona_access_pairs{status="match"}') for line in lines)


def test_a_second_run_has_nothing_to_do(done: Project, tmp_path: Path) -> None:
    project = done.copy(tmp_path / "project")
    result = run(project)
    assert result.exit_code == 0, result.output
    assert "nothing new" in result.stdout
    assert records(project)[-1]["result"] == "nothing_new"
    assert [path.name for path in (project.settings.published / "releases").iterdir()] == [
        f"{WEEK}_1"
    ]


def test_killed_runs_converge(template: Project, done: Project, tmp_path: Path) -> None:
    project = template.copy(tmp_path / "project")
    chance = random.Random(6)  # noqa: S311 - no secret
    killed_at = [
        kill_at(project, step, chance.uniform(0, longest))
        for step, longest in (("load", 0.4), ("build", 6.0), ("publish", 0.5))
    ]
    result = run(project)
    assert result.exit_code == 0, result.output
    assert "goes on from there" in result.stdout
    assert [record["result"] for record in records(project)[:3]] == ["interrupted"] * 3
    assert killed_at == ["load", "build", "publish"]
    assert contents(project) == contents(done)
    releases = [read_manifest(found.settings.published / "current") for found in (project, done)]
    hashes = [
        {name: mart["n_rows"] for name, mart in release["marts"].items()} for release in releases
    ]
    assert hashes[0] == hashes[1]
    ledger = project.settings.raw / "load_ledger"
    assert sorted(file.stem for file in ledger.iterdir()) == [f"{f}_{WEEK}_v1" for f in FEEDS]


def kill_at(project: Project, step: str, seconds: float) -> str:
    """Start a run, kill it some time into a step, and say at which step it died."""
    n_before = len(records(project))
    process = subprocess.Popen(
        [sys.executable, "-m", "persona_access.cli", "run", "--due", str(WEEK)],
        env={**os.environ, **project._environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        now = records(project)
        if len(now) > n_before and now[-1]["step"] == step:
            time.sleep(seconds)
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return str(records(project)[-1]["step"])


def test_two_runs_never_meet(template: Project) -> None:
    with only_one(template.settings.home / ".run.lock", "Another run is at work"):
        result = run(template)
    assert result.exit_code == 3
    assert f"Another run is at work (process {os.getpid()} on " in result.stderr
    assert " since 20" in result.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(
    template: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = template.copy(tmp_path / "project")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", "records")

    monkeypatch.setattr("persona_access.run.record.write_atomically", refuse)
    result = run(project)
    assert result.exit_code == 3
    assert "No space left on device" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.fixture
def half(template: Project, tmp_path: Path) -> Project:
    """Copy the bank without the grants of its week."""
    project = template.copy(tmp_path / "half")
    (project.settings.drop_zone / f"iam_app_registry_{WEEK}.csv").unlink()
    return project


def test_a_late_feed_stops_the_run_and_says_how_to_go_on(half: Project) -> None:
    result = run(half)
    assert result.exit_code == 1
    assert "iam_app_registry" in result.stderr
    assert f"--accept feed_late:{WEEK}" in result.stderr
    (record,) = records(half)
    assert (record["result"], record["gates"]) == ("stopped", {"feed_late": ["iam_app_registry"]})
    assert not half.settings.warehouse.exists()


def test_an_accepted_gate_is_on_record(half: Project) -> None:
    # There is no older extract to go on with, so accepting does not help this bank.
    result = run(half, "--accept", "feed_late", "--because", "IAM is down, CISO agreed")
    assert result.exit_code == 1
    assert accepted_weeks(half.settings.accepted_gates, "feed_late") == [WEEK]
    (lifted,) = records(half)[-1]["accepted"]
    assert lifted["because"] == "IAM is down, CISO agreed"
    assert lifted["accepted_by"]


def test_a_feed_that_comes_meanwhile_is_waited_for(
    half: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []

    def nap(_: object, seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            half.deliver("iam_app_registry", WEEK, feed_text(feed_rows("iam_app_registry", 1)))

    monkeypatch.setattr("persona_access.run.waiting.nap", nap)
    loads: list[int] = []

    def load() -> None:
        loads.append(len(naps))
        half.load()

    said: list[str] = []
    feeds = wait_for_feeds(
        half.settings, WEEK, load, wait_seconds=3600, poll_seconds=5, say=said.append
    )
    assert (feeds.week, feeds.late) == (WEEK, [])
    # Nothing is loaded again while nothing changes.
    assert loads == [0, 2]
    assert said == [f"Waiting for iam_app_registry of the week up to {WEEK}."]


def test_a_clock_set_back_is_seen(half: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persona_access.run.command.today", lambda: WEEK - timedelta(days=9))
    result = half.run("run")
    assert result.exit_code == 3
    assert f"The clock of this machine says {WEEK - timedelta(days=9)}" in result.stderr


def test_a_leap_stops_by_the_name_of_its_gate(built_bank: Project) -> None:
    def verdict(**thresholds: Any) -> dict[str, list[str]]:
        outcome = built_bank._dbt.invoke(
            "test",
            "--select",
            "assert_week_does_not_leap",
            "--vars",
            json.dumps(thresholds),
            week=WEEKS[3],
        )
        result = read_result(WEEKS[3], 0, outcome, built_bank._dbt.messages)
        return stopped_gates(result.problems)

    assert verdict() == {}
    nothing_allowed = {gate: -1 for gate in GATES if gate.endswith("_leap")}
    found = verdict(week_min_leap=-1000, week_max_leap_shares=nothing_allowed)
    assert set(found) == set(nothing_allowed)
    assert all("n_usual = " in rows[0] for rows in found.values())


@pytest.mark.parametrize(
    ("accepted", "because", "sentence"),
    [
        (["feed_siez"], "typing", "There is no gate 'feed_siez'"),
        (["feed_size"], None, "Say why"),
        (["feed_size"], " ", "Say why"),
        ([], "why", "goes with --accept"),
        (["feed_size:soon"], "why", "names no week"),
    ],
)
def test_what_is_accepted_must_be_said_clearly(
    accepted: list[str], because: str | None, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        read_accepted(accepted, because)
