"""After a kill at any moment, each file is landed completely or not, and the next run completes."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loader_home import Home, members, members_file

# Runs the load in a child that kills itself before the n-th change of a file or folder, for every
# second n until a child completes. A forked child cannot clean up, as with a kill. The parent has
# imported everything, so that a child costs little.
KILLER = """
import itertools, os, shutil, signal, sys
from pathlib import Path
import duckdb, fastexcel, pyarrow.parquet
import persona_access.loader.loading, persona_access.commands.load
from persona_access.commands.main import app

folder, template = Path(sys.argv[1]), Path(sys.argv[2])

def count_down(n):
    left = [n]
    def watched(function):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)
        return call
    for name in ("fsync", "replace", "mkdir", "unlink", "rmdir", "chmod"):
        setattr(os, name, watched(getattr(os, name)))

for n in itertools.count(1, 2):
    home = folder / f"home_{n}"
    shutil.copytree(template, home)
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        count_down(n)
        try:
            app(["load", "--home", str(home), "--settle-seconds", "0"])
        finally:
            # Threads that Arrow started before the fork cannot be waited for at the exit.
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        print(n)
        break
"""
GOOD = "persona_members_2026-11-16.csv"
REFUSED = "persona_members_2026-11-23.csv"


def assert_only_whole_files_count(home: Home) -> None:
    for load_id, record in home.ledger().items():
        if record["load_status"] == "loaded":
            folder = f"extract_date={record['extract_date']}/version={record['version']}"
            file = home.raw / record["feed"] / folder / "rows.parquet"
            ((n_rows,),) = home.query(f"select count(*) from '{file}' where load_id = '{load_id}'")
            assert n_rows == record["n_rows_loaded"]
            if record["n_rows_quarantined"]:
                assert (home.raw / "quarantined_rows" / f"{load_id}.parquet").exists()


def assert_converged(home: Home) -> None:
    assert set(home.ledger()) == {
        "persona_members_2026-11-16_v1",
        "persona_members_2026-11-23_r1",
    }
    assert_only_whole_files_count(home)
    assert len(home.rows("persona_members")) == 30
    assert len(home.quarantine()) == 1
    assert list(home.drop_zone.iterdir()) == []
    assert (home.path / "archive" / "persona_members" / GOOD).exists()
    assert sorted(file.name for file in (home.path / "rejected").iterdir()) == [
        REFUSED,
        f"{REFUSED}.reason.txt",
    ]
    assert [file.name for file in home.raw.rglob(".*") if file.name != ".lock"] == []


def test_a_kill_before_any_change_of_a_file_converges(home: Home, tmp_path: Path) -> None:
    home.run("--init")
    home.drop(GOOD, members_file(",persona-1"))
    home.drop(REFUSED, "brid\nX1\n")
    killed = tmp_path / "killed"
    killed.mkdir()
    found = subprocess.run(
        [sys.executable, "-c", KILLER, str(killed), str(home.path)],
        check=True,
        capture_output=True,
        text=True,
    )
    n_residual = int(found.stdout)
    assert n_residual > 30
    for n in range(1, n_residual, 2):
        left = object.__new__(Home)
        object.__setattr__(left, "path", killed / f"home_{n}")
        assert_only_whole_files_count(left)
        left.load()
        assert_converged(left)


# KILLS=15 kills at more moments.
@pytest.mark.parametrize("attempt", range(int(os.environ.get("KILLS", "3"))))
def test_a_kill_at_a_random_moment_converges(home: Home, attempt: int) -> None:
    n_rows = 400_000
    content = "brid,persona_id\n" + members(n_rows)
    home.drop(GOOD, content)
    command = [
        sys.executable,
        "-m",
        "persona_access.commands.main",
        "load",
        "--home",
        str(home.path),
    ]
    process = subprocess.Popen([*command, "--settle-seconds", "0"], stdout=subprocess.DEVNULL)
    time.sleep(random.Random(attempt).uniform(0.3, 1.5))  # noqa: S311 - no secret
    process.send_signal(signal.SIGKILL)
    process.wait()
    if home.raw.exists():
        assert_only_whole_files_count(home)
    home.load()
    assert_only_whole_files_count(home)
    assert len(home.rows("persona_members", "brid, row_number")) == n_rows
    assert (home.path / "archive" / "persona_members" / GOOD).read_text() == content


def test_data_without_a_ledger_record_is_swept_away(home: Home) -> None:
    home.load_one(GOOD, members_file(",persona-1"))
    (home.raw / "load_ledger" / "persona_members_2026-11-16_v1.json").unlink()
    home.load()
    assert home.rows("persona_members") == []
    assert home.quarantine() == []


def test_a_file_moves_to_an_archive_on_another_disk(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home.drop(GOOD, members_file())
    replace = os.replace

    def within_one_disk(source: Path, target: Path) -> None:
        if Path(source).parent == home.drop_zone:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        replace(source, target)

    monkeypatch.setattr(os, "replace", within_one_disk)
    assert home.load().only["outcome"] == "loaded"
    assert not file.exists()
    archived = home.path / "archive" / "persona_members"
    assert [file.read_text() for file in archived.iterdir()] == [members_file()]
