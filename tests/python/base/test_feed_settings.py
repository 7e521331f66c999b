"""Settings of a feed: name, settle time, manifest, encryption, and drop zone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from loader_home import Home, members_file
from persona_access.base.contracts import read_contracts
from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.settings import DropZone, load_settings
from persona_access.loader.decryption import plain_file
from persona_access.loader.drop_zone import nap, zones

pyrage = pytest.importorskip("pyrage", reason="the extra `operations` is not installed")
DATE = "2026-11-16"
PLAIN = f"persona_members_{DATE}.csv"
ENCRYPTED = f"{PLAIN}.age"
Declare = Callable[..., None]


@pytest.fixture
def declare(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Make a project whose feed persona_members has these settings."""
    root = tmp_path / "project"
    models = root / "models" / "staging" / "personas"
    models.mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: persona_access\n")
    monkeypatch.setenv("PERSONA_ACCESS_PROJECT", str(root))
    source = project_root / "models" / "staging" / "personas" / "_personas__sources.yml"

    def write(feed: str = "persona_members", **settings: Any) -> None:
        document = yaml.safe_load(source.read_text())
        for table in document["sources"][0]["tables"]:
            if table["name"] == feed:
                table["config"]["meta"]["feed"] |= settings
        (models / source.name).write_text(yaml.safe_dump(document))

    write()
    return write


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Create our current key and an earlier one."""
    ours, before = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    monkeypatch.setenv("PERSONA_ACCESS_AGE_IDENTITY", f"{before} {ours}")
    return ours.to_public()


def test_every_feed_says_how_it_is_delivered(project_root: Path) -> None:
    for contract in read_contracts(project_root / "models").values():
        # Answers come from several reviewers on one day.
        of_reviewer = "*" if contract.feed == "review_decisions" else ""
        assert contract.name_pattern == f"{contract.feed}{of_reviewer}_%Y-%m-%d"
        assert (contract.settle_seconds, contract.encryption) == (None, "none")


def test_a_feed_says_how_long_weeks_count_its_files(home: Home, declare: Declare) -> None:
    declare(max_age_days=35)
    found = home.load_one(PLAIN, members_file())
    assert home.ledger()[found["load_id"]]["max_age_days"] == 35


@pytest.mark.parametrize("days", [0, 401, "35", True])
def test_days_that_are_none_are_refused(home: Home, declare: Declare, days: object) -> None:
    declare(max_age_days=days)
    _, _, said = home.run()
    assert f"max_age_days is {days!r}; write whole days from 1 to 400" in said


def test_a_sender_may_have_a_name_of_its_own(home: Home, declare: Declare) -> None:
    declare(name_pattern="PERSONAS-members.%Y%m%d")
    found = home.load_one("PERSONAS-members.20261116.csv.gz", b"not gzip")
    assert (found["feed"], found["extract_date"]) == ("persona_members", DATE)
    assert found["load_id"] == f"persona_members_{DATE}_r1"
    assert home.load_one("PERSONAS-members.20261116.csv", members_file())["outcome"] == "loaded"
    # Its usual name is invalid here, and the message shows the valid one.
    other = home.load_one("personas-members-20261123.csv", members_file())
    assert other["outcome"] == "skipped"
    assert "PERSONAS-members.20261123.csv" in other["sentence"]


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("members_%Y", "once each"),
        ("members_%Y%m%d%H", "once each"),
        ("members/%Y%m%d", "no folder"),
        ("persona_list_%Y-%m-%d", "also belongs to another feed"),
    ],
)
def test_a_name_without_a_date_or_of_two_feeds_is_refused(
    home: Home, declare: Declare, pattern: str, sentence: str
) -> None:
    declare(name_pattern=pattern)
    exit_code, _, stderr = home.run()
    assert exit_code == 2
    assert sentence in stderr


def test_a_feed_may_have_a_settle_time_of_its_own(
    home: Home, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(settle_seconds=900)
    file = home.drop(PLAIN, members_file())
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(time, "time", lambda: file.stat().st_ctime + 100)
    assert "Waiting 800.0 s" in home.run()[1]


def test_a_manifest_that_comes_a_moment_after_its_file_counts(
    home: Home, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(settle_seconds=30, is_manifest_required=True)

    def come(_: float) -> None:
        (home.drop_zone / f"{PLAIN}.manifest.json").write_text('{"rows": 30}')

    monkeypatch.setattr(time, "sleep", come)
    assert home.load_one(PLAIN, members_file())["outcome"] == "loaded"


def test_an_encrypted_file_is_decrypted_for_the_load_alone(
    home: Home, declare: Declare, key: Any
) -> None:
    declare(encryption="age")
    delivered = pyrage.encrypt(members_file(",persona-1").encode(), [key])
    found = home.load_one(ENCRYPTED, delivered)
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 30)
    assert (home.path / "archive" / "persona_members" / ENCRYPTED).read_bytes() == delivered
    left = [file for file in home.path.rglob("*") if b"X00001" in _bytes(file)]
    assert left == []


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() and file.suffix != ".parquet" else b""


def test_what_is_not_as_declared_is_refused_in_words(
    home: Home, declare: Declare, key: Any
) -> None:
    text = members_file().encode()
    encrypted = pyrage.encrypt(text, [key])
    declare(encryption="age")
    assert "is not encrypted" in home.load_one(PLAIN, text)["sentence"]
    pgp = b"-----BEGIN PGP MESSAGE-----\n\ninvented\n"
    assert "with PGP" in home.load_one(PLAIN, pgp)["sentence"]
    assert "not encrypted with age" in home.load_one(ENCRYPTED, text)["sentence"]
    for broken in (encrypted[:-1] + bytes([encrypted[-1] ^ 1]), encrypted[:-20]):
        assert "cannot be decrypted" in home.load_one(ENCRYPTED, broken)["sentence"]
    stranger = pyrage.x25519.Identity.generate().to_public()
    foreign = pyrage.encrypt(text, [stranger])
    assert "another key than ours" in home.load_one(ENCRYPTED, foreign)["sentence"]
    declare()
    for name in (PLAIN, ENCRYPTED):
        assert "declares no encryption" in home.load_one(name, encrypted)["sentence"]
    assert home.rows("persona_members") == []


def test_a_full_disk_does_not_refuse_the_file(home: Home, declare: Declare, key: Any) -> None:
    declare(encryption="age")
    contract = read_contracts(Path(os.environ["PERSONA_ACCESS_PROJECT"]) / "models")
    file = home.drop("full.age", pyrage.encrypt(b"invented", [key]))
    (home.path / "full").symlink_to("/dev/full")
    keys = os.environ["PERSONA_ACCESS_AGE_IDENTITY"].split()
    with pytest.raises(MachineError, match="No space left on device"):
        plain_file(file, contract["persona_members"], keys, home.path)


@pytest.mark.parametrize("identity", ["", "AGE-SECRET-KEY-1INVENTED"])
def test_a_key_that_is_missing_or_wrong_leaves_the_file_and_is_not_shown(
    home: Home, declare: Declare, key: Any, identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(encryption="age")
    file = home.drop(ENCRYPTED, pyrage.encrypt(members_file().encode(), [key]))
    monkeypatch.setenv("PERSONA_ACCESS_AGE_IDENTITY", identity)
    exit_code, stdout, stderr = home.run()
    assert exit_code == 2
    assert "PERSONA_ACCESS_AGE_IDENTITY" in stderr
    assert "INVENTED" not in stdout + stderr
    assert file.exists()
    assert "AGE-SECRET" not in repr(load_settings(home=home.path))


def test_a_feed_may_arrive_elsewhere(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hr").mkdir()
    (tmp_path / "bucket").mkdir()
    monkeypatch.setenv("PERSONA_ACCESS_DROP_ZONE_HR_HEADCOUNT", str(tmp_path / "hr"))
    monkeypatch.setenv("PERSONA_ACCESS_DROP_ZONE_PERSONA_MEMBERS", (tmp_path / "bucket").as_uri())
    (tmp_path / "bucket" / PLAIN).write_text(members_file())
    (tmp_path / "hr" / PLAIN).write_text(members_file())
    home.drop(f"persona_list_{DATE}.csv", "persona_id\n")
    found = {(file["file_name"], file["outcome"]) for file in home.load().files}
    # Of the two files of persona_members, only the one in its own drop zone is a delivery.
    assert found == {
        (PLAIN, "loaded"),
        (PLAIN, "skipped"),
        (f"persona_list_{DATE}.csv", "refused"),
    }
    assert (tmp_path / "hr" / PLAIN).exists()
    assert (tmp_path / "bucket" / "archive" / DATE / f"persona_members_{DATE}_v1" / PLAIN).exists()


def test_a_place_of_a_feed_that_does_not_exist_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_DROP_ZONE_HR", "elsewhere")
    exit_code, _, stderr = home.run()
    assert exit_code == 2
    assert "PERSONA_ACCESS_DROP_ZONE_HR is not for a known feed" in stderr


def test_feeds_of_one_place_are_looked_at_together(project_root: Path) -> None:
    settings = load_settings(
        environ={
            "PERSONA_ACCESS_DROP_ZONE": "/mnt/share",
            "PERSONA_ACCESS_DROP_ZONE_HR_HEADCOUNT": "s3://hr/weekly",
        }
    )
    found = zones(settings, read_contracts(project_root / "models"))
    assert {str(zone): sorted(feeds) for zone, feeds in found.items()} == {
        "s3://hr/weekly": ["hr_headcount"],
        "/mnt/share": [
            "iam_app_registry",
            "persona_list",
            "persona_members",
            "review_decisions",
        ],
    }
    # An option on the command line is for all feeds.
    alone = load_settings(
        drop_zone="/elsewhere", environ={"PERSONA_ACCESS_DROP_ZONE_HR_HEADCOUNT": "/mnt/hr"}
    )
    assert alone.zones_of_feeds == {}


def test_a_watched_folder_wakes_the_waiting_run(tmp_path: Path) -> None:
    started = time.monotonic()
    # Written repeatedly until it is noticed: the watch can begin after the first write.
    is_awake = threading.Event()

    def deliver() -> None:
        while not is_awake.wait(0.05):
            (tmp_path / PLAIN).write_text(str(os.urandom(4)))

    sender = threading.Thread(target=deliver)
    sender.start()
    nap([DropZone(tmp_path)], 60)
    is_awake.set()
    sender.join()
    assert time.monotonic() - started < 30


def test_a_folder_in_which_nothing_changes_lets_the_run_sleep(tmp_path: Path) -> None:
    started = time.monotonic()
    nap([DropZone(tmp_path), DropZone(tmp_path, "s3://bucket")], 0.2)
    assert 0.2 <= time.monotonic() - started < 30


def test_credentials_in_the_address_of_a_feed_are_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(
            environ={"PERSONA_ACCESS_DROP_ZONE_HR_HEADCOUNT": "s3://key:secret@bucket/weekly"}
        )
    assert "secret" not in str(refused.value)
