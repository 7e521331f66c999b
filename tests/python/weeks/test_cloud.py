"""The steps of the week that use buckets; folders replace the buckets."""

from __future__ import annotations

import ast
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
from persona_access.base.report import SILENT
from persona_access.base.settings import load_settings
from persona_access.base.variables import declarations
from persona_access.commands.main import app
from persona_access.outputs.publishing.bucket import Bucket, send_release
from persona_access.outputs.publishing.destinations import bucket as bucket_of
from persona_access.outputs.publishing.destinations import is_sent
from persona_access.outputs.release.release import Releases

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
    assert 'entry_point=["persona-access"],\n            command=list(_COMMANDS[step]),' in tasks
    steps = tasks[tasks.index("_STEPS") : tasks.index("class Tasks")]
    assert tuple(re.findall(r'^    "(\w+)": \(', steps, re.MULTILINE)) == STEPS
    commands = ast.literal_eval(tasks[tasks.index("_COMMANDS = ") + 12 :].partition("\n")[0])
    assert commands[step][0] == step
    assert run(*commands[step], "--help").exit_code == 0


def test_only_settings_that_are_read_are_given(project_root: Path) -> None:
    tasks = (project_root / "deploy" / "aws" / "persona_access_aws" / "tasks.py").read_text()
    known = {declaration.variable for declaration in declarations()}
    assert set(re.findall(r'"(PERSONA_ACCESS_\w+)"', tasks)) - known == set()


def test_the_load_step_takes_from_the_bucket_and_anchors_the_log(cloud: Path) -> None:
    (cloud / "drop" / OLD).write_text(HR)
    result = run("load")
    assert result.exit_code == 0, result.output
    assert (cloud / "home/raw/load_ledger/hr_headcount_2026-01-05_v1.json").is_file()
    assert [file.name for file in (cloud / "drop").iterdir()] == [OLD], "the bucket keeps it"
    (anchor,) = (cloud / "anchor").iterdir()
    assert anchor.name.startswith("00000001_")
    assert json.loads(anchor.read_text())["n_entries"] == 1


def test_a_refused_delivery_fails_the_step_and_is_anchored(cloud: Path) -> None:
    (cloud / "drop" / OLD).write_text("brid\n")
    assert run("load").exit_code == 4
    assert len(list((cloud / "anchor").iterdir())) == 1


def test_only_what_can_be_news_is_fetched_again(cloud: Path) -> None:
    for name in (OLD, NEW):
        (cloud / "drop" / name).write_text(HR)
    assert run("load").exit_code == 0
    again = run("load").stdout
    assert "Loaded before and unchanged: 1 file of earlier weeks" in again
    assert re.findall(r"Fetching (\S+)", again) == [NEW]
    # A file of an old week that is written again is checked, and is a restatement.
    (cloud / "drop" / OLD).write_text(HR.replace("L1", "L2"))
    later = time.time() + 60
    os.utime(cloud / "drop" / OLD, (later, later))
    changed = run("load")
    assert changed.exit_code == 4
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

    result = run("rollback", "--full", "--masked", "--because", "wrong names")

    assert result.exit_code == 0, result.output
    for variant in ("full", "masked"):
        pointer = json.loads((cloud / f"publish/{variant}/current.json").read_text())
        assert pointer == {"release": f"{variant}/releases/2026-01-05_1"}
    (anchor,) = (cloud / "anchor").iterdir()
    assert json.loads(anchor.read_text())["n_entries"] == 2


@pytest.mark.parametrize("url", ["http://bucket", "/folder"])
def test_a_bucket_without_encryption_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="s3://, az://, abfss://, gs://"):
        open_store(url, "The bucket")


def test_nothing_is_sent_unencrypted_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://198.51.100.7:9000")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "not-a-real-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-real-secret")
    store = open_store("s3://bucket/weekly", "The bucket")
    with pytest.raises(obstore.exceptions.BaseError, match="BadScheme"):
        obstore.list_with_delimiter(store)


@pytest.mark.parametrize("url", ["anchors", "ftp://bucket/anchors", "s3://key:secret@bucket"])
def test_a_bucket_that_cannot_be_used_is_wrong_usage_before_anything_is_done(
    cloud: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_ANCHOR_URL", url)
    result = run("load")
    assert result.exit_code == 2
    assert "anchors" in result.stderr or "PERSONA_ACCESS_ANCHOR_URL" in result.stderr
    assert not (cloud / "home" / "raw").exists()


def test_without_a_bucket_nothing_is_anchored_elsewhere(
    cloud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERSONA_ACCESS_ANCHOR_URL")
    assert run("load").exit_code == 0
    assert not list((cloud / "anchor").iterdir())


def releases_of_two(home: Path) -> Releases:
    releases = Releases(home / "published")
    for text in ("old", "new"):
        with releases.alone(), releases.new(date(2026, 1, 5), keep=8) as folder:
            (folder / "mart.txt").write_text(text)
            (folder / "manifest.json").write_text('{"members": {}}')
    return releases


def test_a_release_that_the_bucket_has_is_not_sent_again(cloud: Path) -> None:
    releases = releases_of_two(cloud / "home")
    bucket = Bucket((cloud / "publish").as_uri())
    sent = cloud / "publish/full/releases/2026-01-05_2/mart.txt"
    bucket.send(releases, SILENT, is_masked=False)
    assert sent.read_text() == "new"
    before = sent.stat().st_mtime_ns
    bucket.send(releases, SILENT, is_masked=False)
    assert sent.stat().st_mtime_ns == before
    # A rollback sends releases that the bucket lacks, and always changes the pointer.
    assert run("rollback", "--because", "wrong names").exit_code == 0
    assert (cloud / "publish/full/releases/2026-01-05_1/mart.txt").read_text() == "old"
    pointer = json.loads((cloud / "publish/full/current.json").read_text())
    assert pointer == {"release": "full/releases/2026-01-05_1"}


def test_a_release_that_could_not_be_sent_is_not_taken_for_sent(
    cloud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = releases_of_two(cloud / "home")
    settings = load_settings()
    (destination,) = bucket_of(settings)
    put = obstore.put

    def broken(store: obstore.store.ObjectStore, path: str, file: object) -> object:
        if path.endswith("mart.txt"):
            raise obstore.exceptions.GenericError("connection reset")
        return put(store, path, file)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "put", broken)
        with pytest.raises(MachineError, match="connection reset"):
            destination.send(releases, SILENT, is_masked=False)
    assert not is_sent(settings, releases)
    destination.send(releases, SILENT, is_masked=False)
    assert is_sent(settings, releases)


def test_an_address_of_azure_names_its_account_and_no_secret() -> None:
    place = "abfss://audit@bankaudit.dfs.core.windows.net/anchors"
    settings = load_settings(
        environ={"PERSONA_ACCESS_ANCHOR_URL": place, "PERSONA_ACCESS_DROP_ZONE": place}
    )
    assert settings.anchor_url == place
    store = open_store(place, "The bucket of anchors")
    assert "bankaudit" in repr(store)
    assert "audit" in repr(store)
    for secret in (
        "abfss://name:password@bankaudit.dfs.core.windows.net/anchors",
        "abfss://audit@bankaudit.dfs.core.windows.net/anchors?sig=x",
        "abfss://audit@elsewhere.invalid/anchors",
        "s3://name@bucket/anchors",
    ):
        with pytest.raises(SettingsError, match="contains more than a location"):
            load_settings(environ={"PERSONA_ACCESS_ANCHOR_URL": secret})
