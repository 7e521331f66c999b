"""The weekly run's steps around buckets; folders stand for the buckets."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from persona_access.cloud.buckets import fetch, open_bucket, send_release
from persona_access.cloud.steps import main
from persona_access.errors import SettingsError

HR = "brid,full_name,employment_status,management_level,cost_center\n1,Invented,active,L1,F\n"
NAME = "hr_headcount_2026-01-05.csv"
WEEK = timedelta(days=7)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the environment of a task."""
    for name in ("drop", "publish", "anchor"):
        (tmp_path / name).mkdir()
        url = (tmp_path / name).as_uri()
        monkeypatch.setenv(f"PERSONA_ACCESS_{name.upper()}_URL", url)
    monkeypatch.setenv("PERSONA_ACCESS_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_load_step_takes_from_the_bucket_and_anchors_the_log(cloud: Path) -> None:
    (cloud / "drop" / NAME).write_text(HR)
    assert main(["load"]) == 0
    assert (cloud / "home/raw/load_ledger/hr_headcount_2026-01-05_v1.json").is_file()
    assert (cloud / "drop" / NAME).is_file(), "the bucket keeps the original"
    (anchor,) = (cloud / "anchor").iterdir()
    assert anchor.name.startswith("00000001_")
    assert json.loads(anchor.read_text())["n_entries"] == 1


def test_a_refused_delivery_fails_the_step(cloud: Path) -> None:
    (cloud / "drop" / NAME).write_text("brid\n")
    assert main(["load"]) == 1


def test_old_deliveries_and_names_with_a_folder_are_not_fetched(cloud: Path) -> None:
    old = cloud / "drop" / NAME
    old.write_text(HR)
    os.utime(old, (0, 0))
    (cloud / "drop" / "folder").mkdir()
    (cloud / "drop" / "folder" / "x.csv").write_text("x")
    (cloud / "drop" / "new.csv").write_text("x")
    bucket = open_bucket("PERSONA_ACCESS_DROP_URL", os.environ)
    assert fetch(bucket, cloud / "fetched", WEEK) == ["new.csv"]


def test_a_release_is_named_after_all_of_it_was_sent(
    cloud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = cloud / "2026-01-05_1"
    (release / "marts").mkdir(parents=True)
    (release / "marts" / "a.parquet").write_bytes(b"invented")
    bucket = open_bucket("PERSONA_ACCESS_PUBLISH_URL", os.environ)
    assert send_release(bucket, release, "masked") == 1
    pointer = json.loads((cloud / "publish/masked/current.json").read_text())
    assert (cloud / "publish" / pointer["release"] / "marts/a.parquet").read_bytes() == b"invented"

    newer = release.rename(cloud / "2026-01-12_1")
    monkeypatch.setattr(
        "persona_access.cloud.buckets.send", lambda *_: (_ for _ in ()).throw(OSError("broken"))
    )
    with pytest.raises(OSError, match="broken"):
        send_release(bucket, newer, "masked")
    assert json.loads((cloud / "publish/masked/current.json").read_text()) == pointer


@pytest.mark.parametrize("url", ["", "http://bucket", "/folder"])
def test_a_bucket_without_encryption_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="PERSONA_ACCESS_DROP_URL"):
        open_bucket("PERSONA_ACCESS_DROP_URL", {"PERSONA_ACCESS_DROP_URL": url})


def test_an_unknown_step_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["everything"]) == 2
    assert "load, build, publish" in capsys.readouterr().err
