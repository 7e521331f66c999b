"""The weekly run is completed exactly once, even if it is stopped in between."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from persona_access.audit.chain import Chain
from persona_access.base.errors import PersonaAccessError, SettingsError
from persona_access.base.gates import GATES, accepted_weeks, read_accepted, stopped_gates
from persona_access.base.report import Reporter
from persona_access.base.warehouse import opening
from persona_access.base.week_build import read_result
from persona_access.weeks.waiting import wait_for_feeds, week_feeds
from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text, make_bank
from scenarios.kills import contents, records, run_killed
from scenarios.project import Project, make_project

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


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make a bank whose first week waits in the drop zone."""
    return bank_of_one_week(tmp_path_factory.mktemp("run") / "project")


@pytest.fixture(scope="module")
def done(template: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Run the week, killed in the build, killed in publishing, and then completed, with metrics."""
    project = template.copy(tmp_path_factory.mktemp("done") / "project")
    project.leave_parse()
    log = project.settings.warehouse.with_name("warehouse.duckdb.wal")
    kill_in(project, "build", lambda: log.is_file() and log.stat().st_size > 0)
    kill_in(project, "publish", lambda: any(project.settings.published.rglob("*.parquet")))
    os.environ["PERSONA_ACCESS_METRICS"] = str(project.root / "metrics.prom")
    try:
        result = run(project)
    finally:
        del os.environ["PERSONA_ACCESS_METRICS"]
    assert result.exit_code == 0, result.output
    assert "continues from there" in result.stdout
    return project


def kill_in(project: Project, step: str, is_in_the_middle: Callable[[], bool]) -> None:
    """Start a run and kill it during a step; the duration of a step is unknown."""
    home = project.settings.home

    def is_time(_: float) -> bool:
        now = records(home)
        return bool(now) and (
            (now[-1]["result"], now[-1]["step"]) == ("running", step) and is_in_the_middle()
        )

    assert run_killed(["run", "--due", str(WEEK)], project._environment, is_time)
    assert records(home)[-1]["step"] == step


def test_killed_runs_converge(template: Project, done: Project, tmp_path: Path) -> None:
    assert [record["result"] for record in records(done.settings.home)] == [
        "interrupted",
        "interrupted",
        "published",
    ]
    never_killed = template.copy(tmp_path / "project")
    never_killed.load()
    never_killed.build_models(WEEK)
    expected, found = contents(never_killed.settings.home), contents(done.settings.home)
    of_release = {name for name in found if name.startswith("release/")}
    assert of_release
    assert {name: found[name] for name in found.keys() - of_release} == expected


def test_a_run_leads_from_files_to_a_release(done: Project) -> None:
    first, _, last = records(done.settings.home)
    assert {file["feed"] for file in first["files"]} == set(FEEDS)
    assert last["as_of_date"] == str(WEEK)
    assert sorted(last["step_seconds"]) == ["build", "load", "publish"]
    assert last["release"] == f"{WEEK}_1"
    assert (done.settings.published / "current" / "marts").is_dir()


def test_the_warehouse_shows_the_record_of_runs(done: Project) -> None:
    # The record is read again each time.
    rows = done.query("select run_id, result from runs.weekly_runs order by run_id")
    assert [row["result"] for row in rows] == ["interrupted", "interrupted", "published"]


def test_the_metrics_tell_of_the_run(done: Project) -> None:
    lines = (done.root / "metrics.prom").read_text().splitlines()
    assert "persona_access_run_succeeded 1.0" in lines
    assert 'persona_access_run_stopped{gate="feed_size"} 0.0' in lines
    # One BRID is a number in scientific notation, and its row is quarantined.
    n_loaded = len(feed_rows("hr_headcount", 1)) - 1
    assert f'persona_access_feed_rows{{feed="hr_headcount"}} {float(n_loaded)}' in lines
    assert any(line.startswith('persona_access_pairs{status="match"}') for line in lines)


def test_a_second_run_has_nothing_to_do(done: Project, tmp_path: Path) -> None:
    project = done.copy(tmp_path / "project")
    result = run(project)
    assert result.exit_code == 0, result.output
    assert "nothing new" in result.stdout
    assert records(project.settings.home)[-1]["result"] == "nothing_new"
    assert [path.name for path in (project.settings.published / "releases").iterdir()] == [
        f"{WEEK}_1"
    ]


def test_a_folder_that_cannot_be_written_is_one_sentence(
    template: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = template.copy(tmp_path / "project")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", "records")

    monkeypatch.setattr("persona_access.weeks.run_record.write_atomically", refuse)
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
    (record,) = records(half.settings.home)
    assert (record["result"], record["gates"]) == ("stopped", {"feed_late": ["iam_app_registry"]})
    assert not half.settings.warehouse.exists()


def test_an_accepted_gate_is_on_record(half: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # There is no earlier extract to use, so this bank cannot be built anyway.
    monkeypatch.setattr("persona_access.weeks.run._Run._build", lambda _: None)
    monkeypatch.setattr("persona_access.weeks.run.publish", refuse)
    ahead = ("--accept", "feed_late", "--accept", "feed_size:2099-01-05", "--because", "In case.")
    result = run(half, *ahead)
    assert result.exit_code == 2
    assert "No file of 2099-01-05 is loaded" in result.stderr
    assert accepted_weeks(half.settings.accepted_gates, "feed_late") == []
    result = run(half, "--accept", "feed_late", "--because", "IAM is down, CISO agreed")
    assert result.exit_code == 1
    assert "far as publishing" in result.stderr
    assert accepted_weeks(half.settings.accepted_gates, "feed_late") == [WEEK]
    (lifted,) = records(half.settings.home)[-1]["accepted"]
    assert lifted["because"] == "IAM is down, CISO agreed"
    assert lifted["accepted_by"]
    log = list(Chain(half.settings.home / "audit" / "log.jsonl").read())
    assert [entry.what for entry in log if entry.action == "accept_gate"] == [lifted]


def refuse(*_: object, **__: object) -> None:
    raise PersonaAccessError("It came as far as publishing.")


def test_a_feed_that_comes_meanwhile_is_waited_for(
    half: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []

    def nap(_: object, seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            half.deliver("iam_app_registry", WEEK, feed_text(feed_rows("iam_app_registry", 1)))

    monkeypatch.setattr("persona_access.weeks.waiting.nap", nap)
    loads: list[int] = []

    def load() -> None:
        loads.append(len(naps))
        half.load()

    said: list[str] = []
    report = Reporter()
    monkeypatch.setattr(report, "say", said.append)
    feeds = wait_for_feeds(
        half.settings, WEEK, load, wait_seconds=3600, poll_seconds=5, report=report
    )
    assert (feeds.week, feeds.late) == (WEEK, [])
    # Nothing is loaded again while nothing changes.
    assert loads == [0, 2]
    assert said == [f"Waiting for iam_app_registry of the week up to {WEEK}."]


def test_dbt_source_freshness_agrees_with_the_gate(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", {})
    now = datetime.now(UTC)
    if now.hour == 23 and now.minute > 40:
        pytest.skip("dbt compares with the clock, which is about to leave the day of the files")
    today = now.date()
    for feed in FEEDS[:3]:
        # A complete week before, and all feeds of this one except the grants, which are a day too
        # old.
        for age in (20, 7 if feed == "iam_app_registry" else 6):
            text = feed_text(feed_rows(feed, 1))
            project.deliver(feed, today - timedelta(days=age), text)
    project.load()
    outcome = project._dbt.invoke("source", "freshness")
    verdicts = {
        found.node.name: str(found.status)
        for found in outcome.result.results
        if found.node.resource_type == "source"
    }
    assert verdicts == {
        "hr_headcount": "pass",
        "iam_app_registry": "error",
        "persona_list": "pass",
        # They are optional and were never delivered.
        "persona_members": "pass",
        "review_decisions": "pass",
    }
    assert week_feeds(project.settings, today).late == ["iam_app_registry"]


def test_a_clock_set_back_is_seen(half: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persona_access.weeks.run.today", lambda: WEEK - timedelta(days=9))
    result = half.run("run")
    assert result.exit_code == 3
    assert f"The clock of this machine shows {WEEK - timedelta(days=9)}" in result.stderr


def test_a_spike_stops_by_the_name_of_its_gate(built_bank: Project, tmp_path: Path) -> None:
    bank = built_bank.copy(tmp_path / "project")
    measures = ("n_excess", "n_missing", "n_unresolved_employees")
    with opening(bank.settings.warehouse) as connection:
        connection.execute(
            "update marts.fct_reconciliation_by_week set "
            + ", ".join(f"{column} = (as_of_date = '{WEEKS[3]}')::int" for column in measures)
        )
        connection.execute(
            "update marts.fct_movements set movement_type = "
            f"case when as_of_date = '{WEEKS[3]}' then 'leaver' else 'mover' end"
        )

    def verdict(**thresholds: Any) -> dict[str, list[str]]:
        # The view holds the limits of the vars with which it was built.
        outcome = bank._dbt.invoke(
            "build",
            "--select",
            "rpt_week_spikes",
            "assert_week_has_no_spike",
            "--indirect-selection",
            "empty",
            "--vars",
            json.dumps(thresholds),
            week=WEEKS[3],
        )
        result = read_result(WEEKS[3], 0, outcome, bank._dbt.messages)
        return stopped_gates(result.problems)

    assert verdict() == {}
    none = {gate: 0 for gate in GATES if gate.endswith("_spike")}
    all_of_them = dict.fromkeys(none, 1000)
    # A gate needs both a large number and a large share.
    assert verdict(week_min_spikes=none, week_max_spike_shares=all_of_them) == {}
    assert verdict(week_min_spikes=all_of_them, week_max_spike_shares=none) == {}
    found = verdict(week_min_spikes=none, week_max_spike_shares=none)
    assert set(found) == set(none)
    assert all("n_accepted_level = " in rows[0] for rows in found.values())


@pytest.mark.parametrize(
    ("accepted", "because", "sentence"),
    [
        (["feed_siez"], "typing", "There is no gate 'feed_siez'"),
        (["feed_size"], None, "Give the reason"),
        (["feed_size"], " ", "Give the reason"),
        ([], "why", "has no effect without --accept"),
        (["feed_size:soon"], "why", "does not contain a valid week"),
    ],
)
def test_what_is_accepted_must_be_said_clearly(
    accepted: list[str], because: str | None, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        read_accepted(accepted, because)
