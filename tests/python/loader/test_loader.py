"""A delivery is landed, recognised, corrected, restated, refused or skipped."""

import fcntl
import gzip
import hashlib
import json
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from loader_home import MEMBERS, Home, members, members_file
from persona_access import __version__
from persona_access.base.errors import MachineError
from persona_access.loader.session import machine_faults_in_words

MakeHome = Callable[[str], Home]


def test_a_good_file_is_landed_once_with_its_provenance(home: Home) -> None:
    content = members_file(" x1 ,  persona-9 ")
    found = home.load_one(MEMBERS, content)
    assert (found["outcome"], found["version"], found["n_rows_loaded"]) == ("loaded", 1, 31)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    columns = (
        "brid, persona_id, valid_from, valid_to, load_id, file_name, file_sha256, row_number, "
        "extract_date::varchar, version"
    )
    load_id = "persona_members_2026-11-16_v1"
    given = (None, None, load_id, MEMBERS, sha256)
    assert home.rows("persona_members", columns)[:2] == [
        ("x1", "persona-9", *given, 2, "2026-11-16", 1),
        ("X00001", "persona-1", *given, 3, "2026-11-16", 1),
    ]
    record = home.ledger()[load_id]
    loaded_at = record.pop("loaded_at")
    (landed_at,) = home.rows("persona_members", "loaded_at")[0]
    assert f"{landed_at.isoformat()}Z" == loaded_at
    started_at, _, of_date = record.pop("batch").partition(" ")
    assert (started_at < f"{landed_at.isoformat()}+00:00", of_date) == (True, "2026-11-16")
    assert record == {
        "load_id": load_id,
        "feed": "persona_members",
        "extract_date": "2026-11-16",
        "version": 1,
        "load_status": "loaded",
        "file_name": MEMBERS,
        "file_sha256": sha256,
        "file_bytes": len(content),
        "n_rows_read": 31,
        "n_rows_loaded": 31,
        "n_rows_quarantined": 0,
        "reason": None,
        "is_restatement": False,
        "loader_version": __version__,
        "n_values_quarantined": 0,
        "source": "",
        "feed_sources": "",
        "required_sources": "",
        "max_age_days": None,
        "max_shrink_share": None,
        "max_growth_share": None,
        "mapping_sha256": "",
    }


def test_an_accepted_file_is_archived_and_the_raw_layer_is_read_only(home: Home) -> None:
    file = home.drop(MEMBERS, members_file())
    home.load()
    assert not file.exists()
    assert (home.path / "archive" / "persona_members" / MEMBERS).read_text() == members_file()
    landed = [file for file in home.raw.rglob("*") if file.suffix in (".parquet", ".json")]
    assert len(landed) == 8
    assert {stat.S_IMODE(file.stat().st_mode) for file in landed} == {0o444}
    assert [file.name for file in home.raw.glob(".*")] == [".lock"]


def test_the_same_content_again_loads_nothing(home: Home) -> None:
    home.load_one(MEMBERS, members_file())
    ledger = home.ledger()
    found = home.load_one(MEMBERS, members_file())
    assert (found["outcome"], found["load_id"]) == ("unchanged", "persona_members_2026-11-16_v1")
    assert home.ledger() == ledger
    assert len(home.rows("persona_members")) == 30
    assert list(home.drop_zone.iterdir()) == []


def test_the_same_content_of_another_week_is_loaded(home: Home) -> None:
    home.load_one(MEMBERS, members_file())
    assert home.load_one("persona_members_2026-11-23.csv", members_file())["outcome"] == "loaded"


def test_corrected_content_becomes_a_new_version_and_the_old_stays(home: Home) -> None:
    home.load_one(MEMBERS, members_file())
    found = home.load_one(MEMBERS, members_file(n_rows=40))
    assert (found["outcome"], found["version"], found["is_restatement"]) == ("loaded", 2, False)
    assert home.query(
        "select version, count(*) from read_parquet('{raw}/persona_members/*/*/rows.parquet', "
        "hive_partitioning = true) group by version order by version"
    ) == [(1, 30), (2, 40)]
    archived = sorted(file.name for file in (home.path / "archive" / "persona_members").iterdir())
    assert archived == ["persona_members_2026-11-16.2.csv", MEMBERS]


def test_replaced_content_comes_back_only_when_asked_for(home: Home) -> None:
    for n_rows in (30, 40):
        home.load_one(MEMBERS, members_file(n_rows=n_rows))
    found = home.load_one(MEMBERS, members_file(n_rows=30))
    assert found["outcome"] == "unchanged"
    assert "--allow-restatement" in found["sentence"]
    found = home.load_one(MEMBERS, members_file(n_rows=30), "--allow-restatement")
    assert (found["outcome"], found["version"]) == ("loaded", 3)


def test_an_older_week_needs_the_flag(home: Home) -> None:
    home.load_one(MEMBERS, members_file())
    old = "persona_members_2026-11-09.csv"
    found = home.load_one(old, members_file(n_rows=20))
    assert found["outcome"] == "refused"
    assert "2026-11-16" in found["sentence"]
    assert "--allow-restatement" in found["sentence"]
    found = home.load_one(old, members_file(n_rows=20), "--allow-restatement")
    assert (found["outcome"], found["is_restatement"]) == ("loaded", True)
    assert home.ledger()["persona_members_2026-11-09_v1"]["is_restatement"] is True


def test_a_correction_of_an_older_week_needs_the_flag_too(home: Home) -> None:
    home.drop("persona_members_2026-11-09.csv", members_file())
    home.drop(MEMBERS, members_file())
    home.load()
    corrected = members_file(n_rows=31)
    assert home.load_one("persona_members_2026-11-09.csv", corrected)["outcome"] == "refused"


def test_weeks_of_one_drop_are_loaded_in_order_and_each_feed_has_its_own_newest(home: Home) -> None:
    names = ["persona_members_2026-11-16.csv", "persona_members_2026-11-02.csv"]
    for name in names:
        home.drop(name, members_file())
    home.drop("hr_headcount_2026-10-26.csv", HEADCOUNT)
    result = home.load()
    assert result.exit_code == 0
    assert [found["file_name"] for found in result.files] == [
        "hr_headcount_2026-10-26.csv",
        "persona_members_2026-11-02.csv",
        "persona_members_2026-11-16.csv",
    ]
    assert home.load_one("hr_headcount_2026-11-02.csv", HEADCOUNT)["outcome"] == "loaded"


HEADCOUNT = (
    "brid,full_name,employment_status,management_level,cost_center,hire_date,termination_date\n"
    'X1,"Invented, Ada",Active,VP,CC-1,2020-01-31,\n'
    "X2,Invented Bo,on_leave,VP,CC-1,2020-01-31 00:00:00,\n"
    "X3,Invented Cy,Terminated,VP,CC-1,2020-01-31T08:15:00Z,2026-10-01\n"
)


def test_a_refused_file_is_rejected_with_a_reason_and_recorded(home: Home) -> None:
    file = home.drop(MEMBERS, "brid\nX1\n")
    result = home.load()
    assert result.exit_code == 4
    assert not file.exists()
    assert (home.path / "rejected" / MEMBERS).read_text() == "brid\nX1\n"
    reason = (home.path / "rejected" / f"{MEMBERS}.reason.txt").read_text()
    assert "required column 'persona_id' is missing" in reason
    assert "put the corrected file into the drop zone" in reason
    (record,) = home.ledger().values()
    assert record["load_status"] == "rejected"
    assert record["load_id"] == "persona_members_2026-11-16_r1"
    assert record["version"] is None
    assert record["reason"] == result.only["sentence"]
    assert home.rows("persona_members") == []


def test_the_same_refused_content_again_is_reported_and_not_recorded_again(home: Home) -> None:
    home.load_one(MEMBERS, "brid\nX1\n")
    ledger = home.ledger()
    home.drop(MEMBERS, "brid\nX1\n")
    result = home.load()
    assert result.exit_code == 4
    assert result.only["sentence"].startswith("Refused before, on 20")
    assert home.ledger() == ledger


def test_another_refused_content_does_not_overwrite_the_first(home: Home) -> None:
    home.load_one(MEMBERS, "brid\nX1\n")
    home.load_one(MEMBERS, "brid\nX2\n")
    assert sorted(file.name for file in (home.path / "rejected").iterdir()) == [
        "persona_members_2026-11-16.2.csv",
        "persona_members_2026-11-16.2.csv.reason.txt",
        MEMBERS,
        f"{MEMBERS}.reason.txt",
    ]


def test_a_refused_file_loads_once_what_was_wrong_around_it_is_fixed(home: Home) -> None:
    (home.drop_zone / f"{MEMBERS}.manifest.json").write_text('{"rows": 29}')
    assert home.load_one(MEMBERS, members_file())["outcome"] == "refused"
    (home.drop_zone / f"{MEMBERS}.manifest.json").write_text('{"rows": 30}')
    assert home.load_one(MEMBERS, members_file())["outcome"] == "loaded"


def test_files_can_be_left_where_they_are(home: Home) -> None:
    good = home.drop(MEMBERS, members_file())
    bad = home.drop("persona_members_2026-11-23.csv", "brid\n")
    for _ in range(2):
        assert home.load("--leave-files").exit_code == 4
        assert good.exists()
        assert bad.exists()
    assert not (home.path / "archive").exists()
    assert (home.path / "rejected" / bad.name).read_text() == "brid\n"
    assert len(home.ledger()) == 2


def test_the_environment_can_say_to_leave_files(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_LEAVE_FILES", "yes")
    file = home.drop(MEMBERS, members_file())
    home.load()
    assert file.exists()


def test_a_drop_zone_without_write_permission_is_left_as_it_is(home: Home) -> None:
    file = home.drop(MEMBERS, members_file())
    home.drop_zone.chmod(0o555)
    try:
        exit_code, stdout, _ = home.run()
    finally:
        home.drop_zone.chmod(0o755)
    assert exit_code == 0
    assert "files are left where they are" in stdout
    assert file.exists()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("report.csv", "deliveries here are"),
        ("HR_Headcount_20261116.CSV", "hr_headcount_2026-11-16.csv"),
        ("hr-headcount_2026-11-16.csv", "hr_headcount_2026-11-16.csv"),
        ("hr_headcout_2026-11-16.csv", "hr_headcount_2026-11-16.csv"),
        ("hr_headcount_2026-11-16.xls", "hr_headcount_2026-11-16.csv"),
        ("hr_headcount_2026-11-16 (1).csv", "hr_headcount_2026-11-16.csv"),
        ("hr_headcount_2026-11-16.csv.zip", "hr_headcount_2026-11-16.csv"),
        ("hr_headcount_٢٠٢٦-11-16.csv", "not a valid name of a delivery"),
        ("hr_headcount_2026-11-16.csv\n", "hr_headcount_2026-11-16.csv"),
        ("café\t\x1b[31m.csv", "not a valid name of a delivery"),
    ],
)
def test_an_unknown_name_is_reported_and_skipped(home: Home, name: str, hint: str) -> None:
    file = home.drop(name, members_file())
    result = home.load()
    assert result.exit_code == 4
    assert result.only["outcome"] == "skipped"
    assert hint in result.only["sentence"]
    assert result.only["file_name"].isprintable()
    assert file.exists()
    assert home.ledger() == {}


def test_a_name_of_bytes_other_than_text_is_reported(home: Home) -> None:
    (home.drop_zone / os.fsdecode(b"hr_\xff\xfe.csv")).write_text("x")
    exit_code, stdout, _ = home.run()
    assert exit_code == 4
    assert r"hr_\udcff\udcfe.csv" in stdout


def test_hidden_and_unfinished_files_are_nobodys_fault(home: Home) -> None:
    for name in (".DS_Store", f"{MEMBERS}.part", "~$book.xlsx", f"{MEMBERS}.filepart"):
        home.drop(name, "x")
    result = home.load()
    assert result.exit_code == 0
    assert [found["outcome"] for found in result.files] == ["skipped"] * 4


def test_links_and_folders_are_skipped(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text(members_file())
    (home.drop_zone / MEMBERS).symlink_to(elsewhere)
    (home.drop_zone / "persona_members_2026-11-23.csv").mkdir()
    os.mkfifo(home.drop_zone / "persona_members_2026-11-30.csv")
    (home.drop_zone / "persona_members_2026-12-07.csv").hardlink_to(elsewhere)
    result = home.load()
    assert result.exit_code == 4
    assert [found["sentence"].split(":")[0] for found in result.files] == [
        "a link",
        "a folder",
        "not a regular file",
        "a second name of a file elsewhere",
    ]
    assert elsewhere.read_text() == members_file()


def test_two_files_of_one_feed_and_date_are_both_skipped(home: Home) -> None:
    home.drop(MEMBERS, members_file())
    home.drop(f"{MEMBERS}.gz", gzip.compress(members_file(n_rows=31).encode()))
    result = home.load()
    assert result.exit_code == 4
    assert ["keep the right one" in found["sentence"] for found in result.files] == [True, True]
    assert home.ledger() == {}


@pytest.mark.parametrize("date", ["2026-02-30", "2026-13-01", "0001-01-01", "2062-11-16"])
def test_an_impossible_date_in_the_name_is_refused(home: Home, date: str) -> None:
    found = home.load_one(f"persona_members_{date}.csv", members_file())
    assert found["outcome"] == "refused"
    assert date in found["sentence"]
    assert home.ledger()[f"persona_members_{date}_r1"]["extract_date"] is None


def test_a_file_that_grows_is_skipped_and_loaded_later(home: Home) -> None:
    file = home.drop(MEMBERS, members_file())
    is_done = threading.Event()

    def write() -> None:
        with file.open("a") as growing:
            while not is_done.wait(0.02):
                growing.write(members(1))
                growing.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = home.load("--settle-seconds", "0.3").only
    finally:
        is_done.set()
        writer.join()
    assert (found["outcome"], found["is_fault"]) == ("skipped", False)
    assert "still being written" in found["sentence"]
    assert home.ledger() == {}
    assert home.load("--settle-seconds", "0.1").only["outcome"] == "loaded"


def test_a_file_that_lay_still_does_not_make_the_load_wait(home: Home) -> None:
    home.drop(MEMBERS, members_file())
    time.sleep(0.25)
    _, stdout, _ = home.run("--settle-seconds", "0.2")
    assert "Waiting" not in stdout


def test_a_second_load_shows_who_holds_the_raw_layer(home: Home) -> None:
    home.run("--init")
    with (home.raw / ".lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 4711 on bank-server since noon")
        lock.flush()
        exit_code, _, stderr = home.run()
    assert exit_code == 3
    assert "process 4711 on bank-server" in stderr
    assert home.run()[0] == 0


def test_init_makes_a_raw_layer_that_dbt_can_read(home: Home) -> None:
    home.drop_zone.rmdir()
    assert home.run("--init")[0] == 0
    for feed in ("hr_headcount", "iam_app_registry", "persona_list", "persona_members"):
        assert home.rows(feed) == []
    assert home.quarantine() == []
    assert home.drop_zone.is_dir()
    kinds = home.query(
        "describe from read_parquet('{raw}/persona_members/*/*/rows.parquet', "
        "hive_partitioning = false)"
    )
    assert [kind[:2] for kind in kinds] == [
        ("brid", "VARCHAR"),
        ("persona_id", "VARCHAR"),
        ("valid_from", "VARCHAR"),
        ("valid_to", "VARCHAR"),
        ("load_id", "VARCHAR"),
        ("file_name", "VARCHAR"),
        ("file_sha256", "VARCHAR"),
        ("row_number", "BIGINT"),
        ("loaded_at", "TIMESTAMP"),
    ]


def test_help_names_the_settings_and_exit_codes(home: Home) -> None:
    exit_code, stdout, _ = home.run("--help")
    assert exit_code == 0
    for words in ("Exit codes: 0", "PERSONA_ACCESS_LEAVE_FILES", "PERSONA_ACCESS_SETTLE_SECONDS"):
        assert words in stdout


def test_an_empty_drop_zone_is_fine(home: Home) -> None:
    exit_code, stdout, _ = home.run()
    assert exit_code == 0
    assert "Nothing to load" in stdout


def test_plain_lines_say_what_happened(home: Home) -> None:
    home.drop(MEMBERS, members_file(",persona-1"))
    home.drop("persona_members_2026-11-23.csv", "brid\nX1\n")
    exit_code, stdout, _ = home.run()
    assert exit_code == 4
    assert f"loaded      {MEMBERS}: 30 rows, 1 quarantined." in stdout
    assert "line 2: brid is empty, and every row needs one." in stdout
    assert "REFUSED     persona_members_2026-11-23.csv: The header does not fit" in stdout
    assert "1 file loaded (30 rows, 1 quarantined), 0 unchanged, 1 refused, 0 skipped" in stdout


MANIFEST = f"{MEMBERS}.manifest.json"


def test_a_manifest_that_agrees_goes_along_with_its_file(home: Home) -> None:
    content = members_file(",persona-1")
    sha256 = hashlib.sha256(content.encode()).hexdigest().upper()
    home.drop(MANIFEST, json.dumps({"rows": 31, "sha256": sha256}))
    assert home.load_one(MEMBERS, content)["outcome"] == "loaded"
    assert (home.path / "archive" / "persona_members" / MANIFEST).exists()
    assert list(home.drop_zone.iterdir()) == []


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ('{"rows": 31}', "31 rows, but the file has 30"),
        (json.dumps({"sha256": "0" * 64}), "SHA-256"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"rows": "30"}', "cannot be read"),
        ('{"rows": true}', "cannot be read"),
        ('{"rows": -1}', "cannot be read"),
        ('{"sha256": "xyz"}', "cannot be read"),
        ("\xff", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_a_manifest_that_disagrees_refuses_the_file(home: Home, manifest: str, words: str) -> None:
    home.drop(MANIFEST, manifest.encode("latin-1"))
    found = home.load_one(MEMBERS, members_file())
    assert found["outcome"] == "refused"
    assert words in found["sentence"]
    assert (home.path / "rejected" / MANIFEST).exists()


def test_a_manifest_without_its_file_is_reported(home: Home) -> None:
    found = home.load_one(MANIFEST, "{}")
    assert (found["outcome"], found["is_fault"]) == ("skipped", True)


def test_a_missing_manifest_is_refused_where_the_contract_asks_for_one(
    home: Home, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    declared = project_root / "models/staging/personas/_personas__sources.yml"
    copy = project / declared.relative_to(project_root)
    copy.parent.mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: persona_access\n")
    copy.write_text(
        declared.read_text().replace("is_manifest_required: false", "is_manifest_required: true")
    )
    monkeypatch.setenv("PERSONA_ACCESS_PROJECT", str(project))
    found = home.load_one(MEMBERS, members_file())
    assert found["outcome"] == "refused"
    assert MANIFEST in found["sentence"]


def test_a_full_disk_is_one_sentence_and_loads_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.drop(MEMBERS, members_file())

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device", "rows.parquet")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        exit_code, _, stderr = home.run()
    assert exit_code == 3
    assert "No space left on device" in stderr
    assert home.load().only["outcome"] == "loaded"


@pytest.mark.parametrize(
    "fault",
    [
        "No space left on device",
        "Read-only file system",
        "Disk quota exceeded",
        "File too large",
    ],
)
def test_what_a_disk_refuses_duckdb_is_one_sentence(fault: str) -> None:
    sentence = rf"\({fault}\): free disk space"
    with pytest.raises(MachineError, match=sentence), machine_faults_in_words():
        raise duckdb.IOException(f'IO Error: Could not sync file "rows.parquet": {fault}')


def test_a_home_that_cannot_be_a_folder_is_one_sentence(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a_file"
    file.write_text("")
    exit_code, _, stderr = home.run("--home", str(file))
    assert exit_code == 3
    assert str(file) in stderr


def test_a_missing_drop_zone_is_one_sentence(home: Home) -> None:
    exit_code, stdout, stderr = home.run("--drop-zone", str(home.path / "nowhere"))
    assert exit_code == 2
    assert "--drop-zone" in stderr
    assert "Nothing to load" not in stdout


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PERSONA_ACCESS_MEMORY_LIMIT", "lots"),
        ("PERSONA_ACCESS_THREADS", "all"),
        ("PERSONA_ACCESS_LEAVE_FILES", "perhaps"),
        ("PERSONA_ACCESS_MAX_EXPANDED_SIZE", "-1"),
        ("PERSONA_ACCESS_PROJECT", "/nowhere"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    home: Home, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    exit_code, _, stderr = home.run("--init")
    assert exit_code == 2
    assert variable in stderr


def test_an_option_wins_over_its_variable(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_HOME", str(home.path / "another"))
    monkeypatch.setenv("PERSONA_ACCESS_SETTLE_SECONDS", "soon")
    assert home.load_one(MEMBERS, members_file())["outcome"] == "loaded"


def test_a_folder_name_of_odd_signs_means_itself(new_home: MakeHome) -> None:
    home = new_home("odd & (home), é;$ %d~")
    found = home.load_one(MEMBERS, members_file(",persona-1"))
    assert (found["n_rows_loaded"], found["n_rows_quarantined"]) == (30, 1)


def test_real_weeks_load_without_touching_them(home: Home, shared_data: Path) -> None:
    drop_zone = shared_data / "kubernetes"
    before = {file.name: file.stat().st_mtime_ns for file in drop_zone.iterdir()}
    result = home.load("--drop-zone", str(drop_zone), "--leave-files")
    assert result.exit_code == 0
    assert {found["outcome"] for found in result.files} == {"loaded"}
    assert {file.name: file.stat().st_mtime_ns for file in drop_zone.iterdir()} == before
    for feed in ("hr_headcount", "iam_app_registry", "persona_list", "persona_members"):
        # Counted by another program: the lines of the files without their headers.
        lines = sum(
            gzip.decompress(file.read_bytes()).count(b"\n") - 1
            for file in drop_zone.glob(f"{feed}_*")
        )
        assert len(home.rows(feed, "brid" if feed != "persona_list" else "persona_id")) == lines
    again = home.load("--drop-zone", str(drop_zone), "--leave-files")
    assert {found["outcome"] for found in again.files} == {"unchanged"}
