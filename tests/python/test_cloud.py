"""The steps of the week around buckets; folders stand for the buckets."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import date
from pathlib import Path

import obstore
import pytest
from typer.testing import CliRunner, Result

from persona_access.base.buckets import open_store
from persona_access.base.errors import MachineError, SettingsError
from persona_access.commands.main import app
from persona_access.outputs.release.release import Releases
from persona_access.outputs.release.send import send_release

HR = "brid,full_name,employment_status,management_level,cost_center\n1,Invented,active,L1,F\n"
OLD, NEW = "hr_headcount_2026-01-05.csv", "hr_headcount_2026-01-12.csv"
STEPS = ("load", "build", "publish")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the environment of a task."""
    for name in ("drop", "publish", "anchor"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("PERSONA_ACCESS_DROP_ZONE", (tmp_path / "drop").as_uri())
    monkeypatch.setenv("PERSONA_ACCESS_PUBLISH_URL", (tmp_path / "publish").as_uri())
    monkeypatch.setenv("PERSONA_ACCESS_ANCHOR_URL", (tmp_path / "anchor").as_uri())
    monkeypatch.setenv("PERSONA_ACCESS_LEAVE_FILES", "true")
    monkeypatch.setenv("PERSONA_ACCESS_SETTLE_SECONDS", "0")
    monkeypatch.setenv("PERSONA_ACCESS_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize("step", STEPS)
def test_the_commands_of_the_containers_are_commands_of_ours(step: str, project_root: Path) -> None:
    tasks = (project_root / "deploy" / "aws" / "persona_access_aws" / "tasks.py").read_text()
    assert 'entry_point=["persona-access"],\n            command=["cloud", step],' in tasks
    steps = tasks[tasks.index("_STEPS") : tasks.index("class Tasks")]
    assert tuple(re.findall(r'^    "(\w+)": \(', steps, re.MULTILINE)) == STEPS
    assert run("cloud", step, "--help").exit_code == 0


def test_only_settings_that_are_read_are_given(project_root: Path) -> None:
    tasks = (project_root / "deploy" / "aws" / "persona_access_aws" / "tasks.py").read_text()
    code = "".join(
        file.read_text() for file in (project_root / "scripts" / "persona_access").rglob("*.py")
    )
    for variable in set(re.findall(r'"(PERSONA_ACCESS_\w+)"', tasks)):
        assert f'"{variable}"' in code, variable


def test_the_load_step_takes_from_the_bucket_and_anchors_the_log(cloud: Path) -> None:
    (cloud / "drop" / OLD).write_text(HR)
    result = run("cloud", "load")
    assert result.exit_code == 0, result.output
    assert (cloud / "home/raw/load_ledger/hr_headcount_2026-01-05_v1.json").is_file()
    assert [file.name for file in (cloud / "drop").iterdir()] == [OLD], "the bucket keeps it"
    (anchor,) = (cloud / "anchor").iterdir()
    assert anchor.name.startswith("00000001_")
    assert json.loads(anchor.read_text())["n_entries"] == 1


def test_a_refused_delivery_fails_the_step_and_is_anchored(cloud: Path) -> None:
    (cloud / "drop" / OLD).write_text("brid\n")
    assert run("cloud", "load").exit_code == 1
    assert len(list((cloud / "anchor").iterdir())) == 1


def test_only_what_can_be_news_is_fetched_again(cloud: Path) -> None:
    for name in (OLD, NEW):
        (cloud / "drop" / name).write_text(HR)
    assert run("cloud", "load").exit_code == 0
    again = run("cloud", "load").stdout
    assert "1 files of earlier weeks were loaded before" in again
    assert re.findall(r"Fetching (\S+)", again) == [NEW]
    # What is written anew in an old week is looked at, and is a restatement.
    (cloud / "drop" / OLD).write_text(HR.replace("L1", "L2"))
    later = time.time() + 60
    os.utime(cloud / "drop" / OLD, (later, later))
    changed = run("cloud", "load")
    assert changed.exit_code == 1
    assert "--allow-restatement" in changed.stdout


def test_a_release_is_named_after_all_of_it_was_sent(
    cloud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = cloud / "2026-01-05_1"
    (release / "marts").mkdir(parents=True)
    (release / "marts" / "a.parquet").write_bytes(b"invented")
    url = (cloud / "publish").as_uri()
    assert send_release(url, release, "masked") == 1
    pointer = json.loads((cloud / "publish/masked/current.json").read_text())
    assert (cloud / "publish" / pointer["release"] / "marts/a.parquet").read_bytes() == b"invented"

    newer = release.rename(cloud / "2026-01-12_1")
    put = obstore.put

    def broken(store: obstore.store.ObjectStore, path: str, file: object) -> object:
        if path.endswith("a.parquet"):
            raise obstore.exceptions.GenericError("connection reset")
        return put(store, path, file)  # type: ignore[arg-type]

    monkeypatch.setattr(obstore, "put", broken)
    with pytest.raises(MachineError, match="connection reset"):
        send_release(url, newer, "masked")
    assert json.loads((cloud / "publish/masked/current.json").read_text()) == pointer


def test_a_roll_back_reaches_those_who_follow_the_bucket(cloud: Path) -> None:
    for variant in ("published", "published_masked"):
        releases = Releases(cloud / "home" / variant)
        for text in ("old", "new"):
            with releases.alone(), releases.new(date(2026, 1, 5), keep=8) as folder:
                (folder / "mart.txt").write_text(text)
                (folder / "manifest.json").write_text('{"members": {}}')

    result = run("cloud", "rollback", "--because", "wrong names")

    assert result.exit_code == 0, result.output
    for variant in ("full", "masked"):
        pointer = json.loads((cloud / f"publish/{variant}/current.json").read_text())
        assert pointer == {"release": f"{variant}/releases/2026-01-05_1"}
    (anchor,) = (cloud / "anchor").iterdir()
    assert json.loads(anchor.read_text())["n_entries"] == 2


@pytest.mark.parametrize("url", ["http://bucket", "/folder"])
def test_a_bucket_without_encryption_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="s3://, az://, gs://"):
        open_store(url, "The bucket")


def test_nothing_is_sent_unencrypted_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://198.51.100.7:9000")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "not-a-real-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-real-secret")
    store = open_store("s3://bucket/weekly", "The bucket")
    with pytest.raises(obstore.exceptions.BaseError, match="BadScheme"):
        obstore.list_with_delimiter(store)


def test_a_step_without_its_bucket_is_wrong_usage(
    cloud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERSONA_ACCESS_ANCHOR_URL")
    result = run("cloud", "load")
    assert result.exit_code == 2
    assert "PERSONA_ACCESS_ANCHOR_URL" in result.stderr
    assert not (cloud / "home").exists()
