"""A plain Linux host: install, run, back up, upgrade, switch back, restore on another machine."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text
from scenarios.project import Project

ROOT = Path(__file__).resolve().parents[3]
HOST = ROOT / "deploy" / "host" / "host.sh"
UNITS = sorted((ROOT / "deploy" / "host" / "systemd").iterdir())
KEY = "0f" * 32

pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("git", "flock", "tar")),
    reason="git, flock or tar is not installed",
)


class Host:
    """A host below a folder; releases reuse the finished `make setup` of this checkout."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "host"
        self.home = self.root / "var/lib/persona-access"
        self.backups = self.root / "var/backups/persona-access"
        commands = folder / "bin"
        commands.mkdir(parents=True)
        make = commands / "make"
        make.write_text(
            f"#!/bin/sh\nln -sfn {Path(sys.prefix)} .venv\n"
            f"ln -sfn {ROOT / 'dbt_packages'} dbt_packages\n"
            # What uv and pip download: with a real user, $HOME is the home.
            'mkdir -p "$UV_CACHE_DIR" "$PIP_CACHE_DIR" && touch "$UV_CACHE_DIR/downloaded"\n'
        )
        make.chmod(0o755)
        self._path = f"{commands}:{os.environ['PATH']}"

    def run(
        self, *arguments: str | Path, user: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Call host.sh as the user of the tests."""
        return subprocess.run(
            [HOST, *arguments],
            env={
                "PATH": self._path,
                "HOME": os.environ.get("HOME", "/"),
                "HOST_ROOT": str(self.root),
                "HOST_USER": user or getpass.getuser(),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def well(self, *arguments: str | Path) -> str:
        """Call host.sh and expect success."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ours(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the installed command with the host's settings."""
        release = self.root / "opt/persona-access/current"
        script = f'. {self.root}/etc/persona-access.env; exec .venv/bin/persona-access "$@"'
        return subprocess.run(
            ["bash", "-ac", script, "bash", *arguments],
            cwd=release,
            env={"PATH": self._path, "PERSONA_ACCESS_SETTLE_SECONDS": "0"},
            capture_output=True,
            text=True,
            check=False,
        )

    def set(self, **variables: str) -> None:
        """Write settings of the host."""
        with (self.root / "etc/persona-access.env").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in variables.items())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Clone this checkout, with one more commit for the next release."""
    clone = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", "--shared", ROOT, clone], check=True)
    return clone


def commit(checkout: Path) -> str:
    git = ["git", "-C", str(checkout), "-c", "user.name=Invented", "-c", "user.email=a@b.invalid"]
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Next"], check=True)
    shown = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return shown.stdout.strip()


HR = "brid,full_name,employment_status,management_level,cost_center\n{},Invented,active,L1,F\n"


def test_a_home_survives_upgrade_and_loss_of_the_machine(checkout: Path, tmp_path: Path) -> None:
    host = Host(tmp_path / "one")
    assert "In use" in host.well("install", checkout)
    host.set(PERSONA_ACCESS_ENCRYPTION_KEY=KEY)
    shutil.rmtree(host.home / "raw")
    drop = host.home / "drop"
    drop.mkdir(exist_ok=True)
    (drop / "hr_headcount_2026-01-05.csv").write_text(HR.format(1))
    loaded = host.ours("load")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr

    newer = commit(checkout)
    said = host.well("upgrade", checkout)
    assert f"In use: {newer}" in said
    # What a restore looks for: releases name the commit that built them.
    told = (host.root / "opt/persona-access/current/release.env").read_text()
    assert told == f"PERSONA_ACCESS_COMMIT={newer}\n"
    for unit in ("persona-access.service", "persona-access-verify.service"):
        installed = (host.root / "etc/systemd/system" / unit).read_text()
        assert "EnvironmentFile=-/opt/persona-access/current/release.env\n" in installed
    assert "Backed up" in said
    assert "In use" in host.well("previous")
    assert not list(host.root.rglob("downloaded")), "what setup downloads stays in no release"
    # An earlier installation left it in the home.
    (host.home / ".cache").mkdir()
    (host.home / ".cache/downloaded").touch()
    host.well("backup")
    (backup, *_) = sorted(host.backups.glob("*.tar.gz"), reverse=True)
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as packed:
        assert not [name for name in packed.getnames() if "downloaded" in name]

    # The machine is lost: another one is set up from only the backup and the key.
    other = Host(tmp_path / "two")
    other.well("install", checkout)
    other.set(PERSONA_ACCESS_ENCRYPTION_KEY=KEY)
    assert "Restored" in other.well("restore", backup)
    rows = "raw/hr_headcount/extract_date=2026-01-05/version=1/rows.parquet"
    assert (other.home / rows).read_bytes() == (host.home / rows).read_bytes()
    (other.home / "drop").mkdir(exist_ok=True)
    (other.home / "drop/hr_headcount_2026-01-12.csv").write_text(HR.format(2))
    assert other.ours("load").returncode == 0
    assert other.ours("audit", "verify").returncode == 0
    assert list(other.home.parent.glob("persona-access.before-*")), "the home before is kept"


def test_a_built_home_that_was_restored_builds_its_next_week(
    checkout: Path, tmp_path: Path, built_bank: Project
) -> None:
    """Follows docs/backup_and_restore.md, with the decisions of the invented bank."""
    host = Host(tmp_path / "one")
    host.well("install", checkout)
    shutil.rmtree(host.home)
    shutil.copytree(built_bank.settings.home, host.home, symlinks=True)
    host.well("backup")
    (backup,) = host.backups.glob("*.tar.gz")

    other = Host(tmp_path / "two")
    other.well("install", checkout)
    other.set(PERSONA_ACCESS_PROJECT=str(built_bank.root), PERSONA_ACCESS_TARGET="dev")
    assert "Restored" in other.well("restore", backup)
    restored = Project(built_bank.root, other.home)
    restored.leave_parse()
    last, following = max(WEEKS), max(WEEKS.values()) + timedelta(days=7)
    for feed in FEEDS:
        restored.deliver(feed, following, feed_text(feed_rows(feed, last)))
    for command in (("load",), ("build",), ("audit", "verify")):
        done = other.ours(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    ((n_people,),) = [
        tuple(row.values())
        for row in restored.query(
            f"select count(*) from marts.fct_persona_assignments where as_of_date = '{following}'"
        )
    ]
    assert n_people > 0


def test_a_release_from_before_there_were_units_is_upgraded(checkout: Path, tmp_path: Path) -> None:
    """0.1.0 had no deploy/host: the upgrade script has its own units."""
    shutil.rmtree(checkout / "deploy" / "host")
    git = ["git", "-C", str(checkout), "-c", "user.name=Invented", "-c", "user.email=a@b.invalid"]
    subprocess.run([*git, "commit", "-qam", "As it was before"], check=True)
    host = Host(tmp_path / "one")
    assert "In use" in host.well("install", checkout)
    units = host.root / "etc/systemd/system"
    assert {unit.name for unit in units.iterdir()} == {unit.name for unit in UNITS}
    # The command of the backup's unit exists in any release.
    script = host.root / "opt/persona-access/host/host.sh"
    assert script.read_text() == HOST.read_text()
    subprocess.run([*git, "revert", "--no-edit", "HEAD"], check=True, capture_output=True)
    host.well("upgrade", checkout)
    host.well("previous")
    host.well("backup")


def test_what_is_not_a_sound_backup_is_not_restored(checkout: Path, tmp_path: Path) -> None:
    host = Host(tmp_path / "one")
    host.well("install", checkout)
    host.well("backup")
    (backup,) = host.backups.glob("*.tar.gz")
    mark = host.home / "mark"
    mark.touch()
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    backup.write_bytes(content)
    refused = host.run("restore", backup)
    assert refused.returncode == 1
    assert "was changed after it was written" in refused.stderr
    assert mark.exists()
    assert host.run("restore", tmp_path / "none.tar.gz").returncode == 2


def test_nothing_is_backed_up_while_a_run_is_at_work(checkout: Path, tmp_path: Path) -> None:
    from persona_access.base.locks import only_one

    host = Host(tmp_path / "one")
    host.well("install", checkout)
    with only_one(host.home / ".run.lock", "Another run"):
        refused = host.run("backup")
    assert (refused.returncode, "a run or load is active" in refused.stderr) == (3, True)
    assert not list(host.backups.iterdir())


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes files of others")
def test_a_backup_leaves_no_file_of_root_that_keeps_the_run_out(tmp_path: Path) -> None:
    host = Host(tmp_path / "one")
    host.home.mkdir(parents=True)
    host.backups.mkdir(parents=True)
    done = host.run("backup", user="nobody")
    assert done.returncode == 0, done.stderr
    locks = [host.home / ".run.lock", host.home / "raw" / ".lock"]
    assert {path.owner() for path in (host.home, host.home / "raw", *locks)} == {"nobody"}


@pytest.mark.parametrize("arguments", [(), ("install",), ("backup", "x"), ("remove",)])
def test_an_unknown_command_is_refused_in_words(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = Host(tmp_path / "one").run(*arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units = tmp_path / "units"
    units.mkdir()
    for unit in UNITS:
        text = unit.read_text("utf-8")
        for program in (
            "/opt/persona-access/current/.venv/bin/persona-access",
            "/opt/persona-access/host/host.sh",
        ):
            # It checks whether programs exist.
            text = text.replace(program, "/bin/true")
        (units / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(units.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "persona-access" in line]
    assert (done.returncode, ours) == (0, [])


def test_every_timer_has_its_service() -> None:
    names = {unit.name for unit in UNITS}
    for unit in UNITS:
        if unit.suffix == ".timer":
            assert unit.with_suffix(".service").name in names
    script = HOST.read_text("utf-8")
    assert all(unit.name in script for unit in UNITS if unit.suffix == ".timer")
