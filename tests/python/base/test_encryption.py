"""With a key, no stored data can be read without it, and every result is the same."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from persona_access.base.content_hash import ContentHash
from persona_access.base.dbt import DbtProject
from persona_access.base.encryption import VARIABLE, encryption_key, landed, unlock
from persona_access.base.errors import PersonaAccessError, SettingsError
from persona_access.base.kept_files import decrypt
from persona_access.weeks.verify import hashes
from scenarios.bank import FEEDS, WEEKS, deliver_week, feed_rows
from scenarios.parsed import leave_parse
from scenarios.project import Project

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(1, 33))).decode()
WEEK = WEEKS[1]
REFUSED = "brid,cost_center\nBRID-OF-A-REFUSED-ROW,\n"


@pytest.fixture(scope="module")
def bank(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Load and build the first week of the bank with a key, and a refused file."""
    project = built_bank.copy(tmp_path_factory.mktemp("encrypted") / "project")
    for made in ("data", "target", "logs"):
        shutil.rmtree(project.root / made, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        for elsewhere in ("DBT_TARGET_PATH", "DBT_LOG_PATH"):
            patch.delenv(elsewhere, raising=False)
        deliver_week(project, 1)
        project.deliver("hr_headcount", date(2026, 1, 19), REFUSED)
        assert project.run("load").exit_code == 4
        project.build_models(WEEK)
    return project


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


def _holding(folder: Path, words: set[bytes]) -> set[Path]:
    return {file for file in _files(folder) if any(word in file.read_bytes() for word in words)}


def _people() -> set[bytes]:
    """Return names and ids of the bank that do not occur in random bytes by chance."""
    columns = ("brid", "full_name", "account_id", "application_name", "persona_name")
    rows = [row for feed in FEEDS for row in feed_rows(feed, 1)]
    words = {row.get(column, "").encode() for row in rows for column in columns}
    return {word for word in words if len(word) > 7} | {b"BRID-OF-A-REFUSED-ROW"}


def test_no_file_shows_a_person(bank: Project, built_bank: Project) -> None:
    home = bank.settings.home

    assert _holding(home, _people()) == set()
    # Without a key, the same search finds them.
    open_home = built_bank.settings.home
    found = {file.relative_to(open_home).parts[0] for file in _holding(open_home, _people())}
    assert found >= {"archive", "warehouse.duckdb"}
    assert {file.suffix for file in _files(home / "archive")} == {".sealed"}
    assert [file.name for file in _files(home / "rejected") if file.suffix != ".txt"] == [
        "hr_headcount_2026-01-19.csv.sealed"
    ]


def test_no_file_shows_the_key(bank: Project) -> None:
    spellings = {KEY.encode(), base64.b64decode(KEY), base64.b64decode(KEY).hex().encode()}
    # A bare dbt writes its artefacts and, with this setting, its complete log.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    environment = ours | bank._environment | {VARIABLE: KEY, "DBT_LOG_LEVEL_FILE": "debug"}
    dbt = str(Path(sys.executable).with_name("dbt"))
    run = [dbt, "--quiet", "run", "--select", "int_employees"]
    leave_parse(bank.root, environment)
    subprocess.run(run, cwd=bank.root, env=environment, check=True)
    files = _files(bank.root)

    assert {file.name for file in files} >= {"manifest.json", "run_results.json", "dbt.log"}
    assert _holding(bank.root, spellings) == set()


@pytest.mark.usefixtures("key")
def test_the_results_are_the_same(
    bank: Project, built_bank: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted = _hashes(bank)
    monkeypatch.delenv(VARIABLE)

    assert encrypted == _hashes(built_bank)
    assert encrypted["fct_access_reconciliation"].n_rows > 50


def _hashes(project: Project) -> dict[str, ContentHash]:
    return hashes(DbtProject(project.settings), project.settings.warehouse, WEEK, is_newest=False)


@pytest.mark.parametrize(
    ("value", "said"), [(None, "is encrypted, and there is no key"), (OTHER_KEY, "another key")]
)
def test_a_missing_or_wrong_key_is_one_sentence(
    bank: Project, monkeypatch: pytest.MonkeyPatch, value: str | None, said: str
) -> None:
    if value:
        monkeypatch.setenv(VARIABLE, value)
    for command in ("load", "build", "summary"):
        result = bank.run(command)
        assert result.exit_code == 2
        (sentence,) = result.stderr.splitlines()
        assert said in sentence
        assert OTHER_KEY not in result.output
    with pytest.raises(SettingsError, match=said):
        bank.build(WEEK)


@pytest.mark.usefixtures("key")
def test_what_is_not_encrypted_is_not_gone_on_with(built_bank: Project) -> None:
    for command in ("load", "build", "summary"):
        result = built_bank.run(command)
        assert result.exit_code == 2
        assert "is not encrypted" in result.output
        assert "docs/encryption.md" in result.output
    with pytest.raises(SettingsError, match="is not encrypted"):
        built_bank.build(WEEK)


@pytest.mark.usefixtures("key")
def test_an_archived_file_can_be_had_back(bank: Project, tmp_path: Path) -> None:
    (sealed,) = (bank.settings.archive / "hr_headcount").iterdir()
    back = tmp_path / "hr_headcount.csv"

    assert bank.run("decrypt", str(sealed), str(back)).exit_code == 0
    deliver_week(bank, 1)
    delivered = bank.settings.drop_zone / f"hr_headcount_{WEEK}.csv"
    assert back.read_bytes() == delivered.read_bytes()
    log = (bank.settings.home / "audit" / "log.jsonl").read_text("utf-8").splitlines()
    assert json.loads(log[-1])["what"] == {"file": sealed.name}
    # Its content is already known, so it is not kept a second time.
    assert bank.run("load").exit_code == 0
    assert len(list((bank.settings.archive / "hr_headcount").iterdir())) == 1


@pytest.mark.usefixtures("key")
def test_a_changed_byte_of_a_sealed_file_is_found(bank: Project, tmp_path: Path) -> None:
    (sealed,) = (bank.settings.archive / "persona_list").iterdir()
    content = sealed.read_bytes()
    for at in range(4, len(content) - 8, 101):
        changed = tmp_path / "changed.sealed"
        changed.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(PersonaAccessError, match="cannot be decrypted"):
            decrypt(changed, tmp_path / "back.csv")
    with pytest.raises(PersonaAccessError, match="There is no file"):
        decrypt(tmp_path / "mistyped.sealed", tmp_path / "back.csv")
    assert not (tmp_path / "back.csv").exists()


@pytest.mark.usefixtures("key")
def test_what_spills_to_the_disk_is_encrypted() -> None:
    with duckdb.connect() as connection:
        unlock(connection)
        assert connection.sql("select current_setting('temp_file_encryption')").fetchone() == (
            True,
        )


@pytest.mark.usefixtures("key")
def test_landed_rows_can_be_filtered(bank: Project) -> None:
    """DuckDB cannot filter columns that Arrow encrypted; it must be able to filter ours."""
    files = f"'{bank.settings.raw}/hr_headcount/*/*/rows.parquet'"
    with duckdb.connect() as connection:
        unlock(connection)
        query = f"select count(*) from {landed(files)} where brid <> 'nobody' and load_id <> ''"
        (found,) = connection.sql(query).fetchall()
    # One BRID is a number in scientific notation, and its row is quarantined.
    assert found == (len(feed_rows("hr_headcount", 1)) - 1,)


def test_the_key_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")

    assert encryption_key({f"{VARIABLE}_FILE": str(file)}) == KEY
    assert encryption_key({VARIABLE: f" {KEY} "}) == KEY
    assert encryption_key({VARIABLE: base64.b64decode(KEY).hex()}) == KEY
    assert encryption_key({VARIABLE: ""}) is None


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({VARIABLE: "correct horse battery staple"}, "is not a valid key"),
        ({VARIABLE: KEY[:20]}, "is not a valid key"),
        ({VARIABLE: "x" * 64}, "is not a valid key"),
        ({f"{VARIABLE}_FILE": "/nowhere/key"}, "cannot be read"),
        ({VARIABLE: KEY, f"{VARIABLE}_FILE": "key"}, "both set"),
    ],
)
def test_a_key_that_is_none_is_refused(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as error:
        encryption_key(environment)
    assert environment.get(VARIABLE, "-") not in str(error.value)
