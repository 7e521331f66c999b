"""Commands write to the audit log, and every change of the log is detected."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from loader_home import MEMBERS, Home, members_file
from persona_access.audit import (
    record,
    record_build,
    record_evidence,
    record_prune,
    record_release,
)
from persona_access.audit.chain import Chain, Entry, parse
from persona_access.audit.verify import verify
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.base.files import sha256_of
from persona_access.base.ledger import Ledger
from persona_access.base.settings import Settings, load_settings
from persona_access.base.week_build import WeekResult
from persona_access.commands.main import app

HR = (
    "brid,full_name,employment_status,management_level,cost_center\n"
    "1,Invented One,active,L1,FIN-1\n"
    "2,Invented Two,active,L2,FIN-1\n"
)
FIRST = "hr_headcount_2026-01-05.csv"


def settings_of(home: Home) -> Settings:
    return load_settings(home=home.path)


def audit(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["audit", *arguments], env={"PERSONA_ACCESS_HOME": str(home.path)}
    )


def log_of(home: Home) -> Path:
    return home.path / "audit" / "log.jsonl"


def entries(home: Home) -> list[Entry]:
    return list(Chain(log_of(home)).read())


@pytest.fixture
def loaded(home: Home) -> Home:
    """Load one delivery, and write two further entries."""
    home.load_one(FIRST, HR)
    record(settings_of(home), "evidence", {"pack": "first"})
    record(settings_of(home), "evidence", {"pack": "second"})
    return home


def test_a_load_is_recorded_with_who_when_and_hashes(loaded: Home) -> None:
    entry = entries(loaded)[0]
    assert (entry.sequence, entry.action) == (1, "load")
    assert "@" in entry.who
    assert entry.at.endswith("+00:00")
    assert entry.what["deliveries"]["hr_headcount_2026-01-05_v1"]["file_name"] == FIRST
    assert sorted(Path(path).name for path in entry.files) == [
        "hr_headcount_2026-01-05_v1.json",
        "rows.parquet",
    ]


def test_a_refused_delivery_is_recorded_too(home: Home) -> None:
    home.load_one(FIRST, "brid\n")
    (said,) = entries(home)[0].what["deliveries"].values()
    assert said["load_status"] == "rejected"


def test_a_load_of_nothing_new_has_no_entry(loaded: Home) -> None:
    loaded.drop(FIRST, HR)
    loaded.load()
    assert len(entries(loaded)) == 3


def test_what_a_killed_load_did_not_record_the_next_one_does(loaded: Home) -> None:
    log_of(loaded).unlink()
    assert "no load recorded it" in audit(loaded, "verify").stderr
    loaded.load()
    assert "hr_headcount_2026-01-05_v1" in entries(loaded)[0].what["deliveries"]
    assert audit(loaded, "verify").exit_code == 0


def test_without_a_log_nothing_is_verified(home: Home) -> None:
    result = audit(home, "verify")
    assert result.exit_code == 1
    assert "There is no audit log" in result.stderr


def test_a_build_is_recorded_with_its_decisions(home: Home, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "waivers.csv").write_text(
        "waiver_id,valid_from,valid_to\nW-1,2026-01-01,2026-01-31\nW-2,2026-02-01,2026-02-28\n"
    )
    (seeds / "persona_overrides.csv").write_text(
        "override_id,valid_from,valid_to\nO-1,,2026-01-18\nO-2,2026-01-19,\n"
    )
    settings = SimpleNamespace(home=home.path, seeds=seeds)
    result = WeekResult(date(2026, 1, 19), 1.0, 3, problems=["a test: failed"])
    record_build(settings, result)  # type: ignore[arg-type]
    what = entries(home)[0].what
    assert (what["waivers"], what["persona_overrides"]) == (["W-1"], ["O-2"])
    assert (what["as_of_date"], what["is_complete"]) == ("2026-01-19", False)
    assert len(what["decisions"]["waivers"]) == 64


@pytest.fixture
def released(home: Home) -> Path:
    """Record a release of two files."""
    release = home.path / "published" / "releases" / "2026-01-19_1"
    (release / "marts").mkdir(parents=True)
    (release / "marts" / "dim_employees.parquet").write_bytes(b"invented")
    member = release / "marts" / "dim_employees.parquet"
    members = {"marts/dim_employees.parquet": {"sha256": sha256_of(member)}}
    (release / "manifest.json").write_text(json.dumps({"members": members}))
    record_release(settings_of(home), release)
    (release.parent.parent / "current").symlink_to(release)
    return release


def test_a_changed_file_of_a_release_is_found(home: Home, released: Path) -> None:
    assert audit(home, "verify").exit_code == 0
    (released / "marts" / "dim_employees.parquet").write_bytes(b"Invented")
    assert "dim_employees.parquet was changed" in audit(home, "verify").stderr


def test_a_release_half_removed_is_found_and_so_is_the_release_in_force(
    home: Home, released: Path
) -> None:
    (released / "marts" / "dim_employees.parquet").unlink()
    assert "dim_employees.parquet is missing" in audit(home, "verify").stderr
    shutil.rmtree(released)
    assert "2026-01-19_1 is missing, and no entry records" in audit(home, "verify").stderr


def test_a_release_may_go_that_a_later_one_or_retention_let_go(home: Home, released: Path) -> None:
    settings = settings_of(home)
    newer = released.with_name("2026-01-26_1")
    shutil.copytree(released, newer)
    record_release(settings, newer, [released.name])
    current = released.parent.parent / "current"
    current.unlink()
    current.symlink_to(newer)
    assert audit(home, "verify").exit_code == 0
    shutil.rmtree(released)
    assert f"{released.name} is missing" in audit(home, "verify").stderr
    record_prune(settings, [released])
    assert audit(home, "verify").exit_code == 0
    newest = newer.with_name("2026-02-02_1")
    newer.rename(newest)
    record_release(settings, newest)
    current.unlink()
    current.symlink_to(newest)
    assert audit(home, "verify").exit_code == 0


def test_a_link_that_nobody_on_record_moved_is_found(home: Home, released: Path) -> None:
    older = released.with_name("2026-01-12_1")
    shutil.copytree(released, older)
    current = released.parent.parent / "current"
    current.unlink()
    current.symlink_to(older)
    assert (
        "published/current points to 2026-01-12_1, but 2026-01-19_1" in audit(home, "verify").stderr
    )
    said = {"from": released.name, "to": older.name, "because": "invented", "is_masked": False}
    record(settings_of(home), "rollback", said)
    assert audit(home, "verify").exit_code == 0


def test_the_loss_of_the_archive_is_found(loaded: Home) -> None:
    assert audit(loaded, "verify").exit_code == 0
    shutil.rmtree(loaded.path / "archive")
    assert "archived file of hr_headcount_2026-01-05_v1 is gone" in audit(loaded, "verify").stderr


def test_a_file_left_with_its_sender_is_not_missed(home: Home) -> None:
    home.drop(FIRST, HR)
    home.load("--leave-files")
    (home.path / "drop" / FIRST).unlink()
    assert audit(home, "verify").exit_code == 0


def test_an_untouched_log_is_whole(loaded: Home) -> None:
    result = audit(loaded, "verify")
    assert (result.exit_code, result.stdout[:31]) == (0, "Unchanged: 3 entries and 3 file")


def test_one_changed_byte_anywhere_in_the_log_is_found(loaded: Home) -> None:
    whole = log_of(loaded).read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x20
        log_of(loaded).write_bytes(changed)
        with pytest.raises(PersonaAccessError):
            entries(loaded)


def exchange(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1]]


def forge(lines: list[bytes]) -> list[bytes]:
    """Change an entry and its hash; the next entry still has the old hash."""
    old = parse(lines[1])
    assert old is not None
    new = Entry(**{**vars(old), "who": "somebody else"})
    return [lines[0], new.line(), lines[2]]


@pytest.mark.parametrize(
    ("tamper", "entry"),
    [
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2]], 2),
        (exchange, 2),
        (lambda lines: [*lines, lines[2]], 4),
        (forge, 3),
        (lambda lines: [lines[0], b"\n", *lines[1:]], 2),
        (lambda lines: [lines[0].replace(b'":', b'": ', 1), *lines[1:]], 1),
    ],
    ids=["first_removed", "removed", "reordered", "repeated", "forged", "blank", "spelt"],
)
def test_tampering_is_found(
    loaded: Home, tamper: Callable[[list[bytes]], list[bytes]], entry: int
) -> None:
    lines = log_of(loaded).read_bytes().splitlines(keepends=True)
    log_of(loaded).write_bytes(b"".join(tamper(lines)))
    result = audit(loaded, "verify")
    assert result.exit_code == 1
    assert f"Entry {entry} of the audit log" in result.stderr


def test_a_cut_off_end_is_found_with_an_anchor_alone(loaded: Home, tmp_path: Path) -> None:
    anchor = tmp_path / "elsewhere" / "anchor.json"
    assert audit(loaded, "anchor", "--to", str(anchor)).exit_code == 0
    lines = log_of(loaded).read_bytes().splitlines(keepends=True)
    log_of(loaded).write_bytes(b"".join(lines[:2]))
    assert audit(loaded, "verify").exit_code == 0
    result = audit(loaded, "verify", "--anchor", str(anchor))
    assert result.exit_code == 1
    assert "its end was cut off" in result.stderr


def test_a_rewritten_log_is_found_with_an_anchor(loaded: Home, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.json"
    audit(loaded, "anchor", "--to", str(anchor))
    log_of(loaded).unlink()
    loaded.load()
    for pack in ("first", "another"):
        record(settings_of(loaded), "evidence", {"pack": pack})
    assert audit(loaded, "verify").exit_code == 0
    result = audit(loaded, "verify", "--anchor", str(anchor))
    assert "rewritten" in result.stderr
    assert audit(loaded, "anchor", "--to", str(anchor)).exit_code == 1, "and is not anchored"


def test_one_changed_byte_anywhere_in_an_anchor_is_found(loaded: Home, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.json"
    audit(loaded, "anchor", "--to", str(anchor))
    whole = anchor.read_bytes()
    anchor.chmod(0o644)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x01
        anchor.write_bytes(changed)
        with pytest.raises(PersonaAccessError):
            verify(settings_of(loaded), anchor)


def test_the_log_goes_on_after_an_anchor(loaded: Home, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.json"
    audit(loaded, "anchor", "--to", str(anchor))
    record(settings_of(loaded), "evidence", {"pack": "third"})
    assert audit(loaded, "verify", "--anchor", str(anchor)).exit_code == 0
    assert audit(loaded, "anchor", "--to", str(anchor)).exit_code == 0
    assert json.loads(anchor.read_text())["n_entries"] == 4


@pytest.mark.parametrize("name", ["rows.parquet", "hr_headcount_2026-01-05_v1.json"])
def test_one_changed_byte_in_a_landed_file_is_found(loaded: Home, name: str) -> None:
    (path,) = (path for path in entries(loaded)[0].files if path.endswith(name))
    file = loaded.path / path
    content = bytearray(file.read_bytes())
    file.chmod(0o644)
    # A byte of a word, a number, or a quotation mark: the result can be invalid JSON, too.
    for place in range(1, len(content), 1 + len(content) // 9):
        file.write_bytes(content[:place] + bytes([content[place] ^ 0x01]) + content[place + 1 :])
        result = audit(loaded, "verify")
        assert result.exit_code == 1
        assert f"{path} was changed since entry 1, load." in result.stderr
    file.unlink()
    assert f"{path} is missing (entry 1, load)." in audit(loaded, "verify").stderr


@pytest.mark.parametrize("is_accepted", [True, False])
def test_one_changed_byte_in_a_kept_delivery_is_found(home: Home, is_accepted: bool) -> None:
    home.load_one(FIRST, HR if is_accepted else "brid\n")
    (file,) = (home.path / ("archive/hr_headcount" if is_accepted else "rejected")).glob("*.csv")
    assert audit(home, "verify").exit_code == 0
    content = bytearray(file.read_bytes())
    file.chmod(0o644)
    for place in range(len(content)):
        content[place] ^= 0x01
        file.write_bytes(content)
        changed, *lost = verify(settings_of(home)).faults
        assert f"{FIRST} differs from every recorded load" in changed
        # The archived content no longer exists unchanged.
        assert len(lost) == is_accepted
        content[place] ^= 0x01
    file.write_bytes(content)
    (file.parent / "hr_headcount_2026-01-12.csv").write_text("smuggled in")
    assert "somebody added it" in audit(home, "verify").stderr


def test_a_changed_evidence_pack_is_found_and_one_that_went_to_auditors_is_not_missed(
    home: Home,
) -> None:
    pack = home.path / "evidence" / "evidence_2026-01-05.zip"
    pack.parent.mkdir()
    pack.write_bytes(b"invented")
    record_evidence(settings_of(home), pack)
    assert audit(home, "verify").exit_code == 0
    pack.write_bytes(b"Invented")
    assert "evidence_2026-01-05.zip was changed" in audit(home, "verify").stderr
    pack.unlink()
    assert audit(home, "verify").exit_code == 0


def test_what_retention_removed_is_not_missed_once_it_is_on_record(loaded: Home) -> None:
    (path,) = (path for path in entries(loaded)[0].files if path.endswith("rows.parquet"))
    settings = settings_of(loaded)
    ledger = Ledger(settings.raw / "load_ledger")
    (load,) = ledger.all_loaded()
    ledger.write(replace(load, load_status="removed"))
    (loaded.path / path).unlink()
    assert audit(loaded, "verify").exit_code == 1, "a prune was killed before its record"
    n_before = len(entries(loaded))
    for _ in range(2):
        record_prune(settings, [])
        assert audit(loaded, "verify").exit_code == 0
        assert len(entries(loaded)) == n_before + 1
    assert path in entries(loaded)[-1].what["gone"]


@pytest.mark.parametrize("n_lost", [1, 5])
def test_nothing_is_chained_to_a_torn_entry(loaded: Home, n_lost: int) -> None:
    torn = log_of(loaded).read_bytes()[:-n_lost]
    log_of(loaded).write_bytes(torn)
    with pytest.raises(MachineError, match="only half written"):
        record(settings_of(loaded), "evidence", {})
    assert log_of(loaded).read_bytes() == torn
    # A torn entry is an accident, not tampering, so the exit code is that of an environment error.
    result = audit(loaded, "verify")
    assert result.exit_code == 3
    assert "persona-access audit repair" in result.stderr


def test_an_entry_longer_than_the_tail_that_is_read_first_is_followed(home: Home) -> None:
    for number in range(3):
        record(settings_of(home), "evidence", {"number": number, "text": "x" * 200_000})
    assert [entry.sequence for entry in entries(home)] == [1, 2, 3]


def test_nothing_is_loaded_where_nothing_can_be_recorded(home: Home) -> None:
    (home.path / "audit").write_text("not a folder")
    home.drop(MEMBERS, members_file())
    exit_code, _, said = home.run()
    assert exit_code == 3
    assert "must be a folder that this user can write" in said
    assert [file.name for file in home.drop_zone.iterdir()] == [MEMBERS]


def test_there_is_nothing_to_anchor_before_the_first_entry(home: Home, tmp_path: Path) -> None:
    result = audit(home, "anchor", "--to", str(tmp_path / "anchor.json"))
    assert result.exit_code == 1
    assert "There is no audit log" in result.stderr


def test_an_entry_that_a_full_disk_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "audit" / "log.jsonl")

    def append() -> Entry:
        return chain.append(at="2026-10-05T00:00:00Z", who="a", action="load", what={}, files={})

    append()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The file can grow only by some bytes of the entry.
    resource.setrlimit(resource.RLIMIT_FSIZE, (chain.file.stat().st_size + 10, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            append()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [entry.sequence for entry in chain.read()] == [1]
    assert append().sequence == 2
