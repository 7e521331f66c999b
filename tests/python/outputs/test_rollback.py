"""One command rolls back a release for readers, or an image in production."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from persona_access.audit.chain import Chain, Entry
from persona_access.base.files import sha256_of
from persona_access.commands.main import app
from persona_access.outputs.release.release import Releases
from scenarios.project import ROOT
from test_publish_release import NEXT_WEEK, put, read

PROMOTE = ROOT / "deploy" / "image" / "promote.sh"
FIRST_COMMIT, SECOND_COMMIT = "1" * 40, "2" * 40
OLD, NEW = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def run(home: Path, *arguments: str) -> Result:
    environment = {"PERSONA_ACCESS_HOME": str(home), "PERSONA_ACCESS_PUBLISHED": None}
    return CliRunner().invoke(app, ["rollback", *arguments], env=environment)


def entries(home: Path) -> list[Entry]:
    return list(Chain(home / "audit" / "log.jsonl").read())


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    """Publish three invented releases, each with its manifest."""
    found = Releases(tmp_path / "published")
    for text in ("first", "second", "third"):
        put(found, text, NEXT_WEEK)
    for name in found.names():
        mart = found.folder(name) / "mart.txt"
        manifest = {"members": {"mart.txt": {"sha256": sha256_of(mart)}}}
        (found.folder(name) / "manifest.json").write_text(json.dumps(manifest))
    return found


def test_one_command_goes_back_and_is_on_record(releases: Releases, tmp_path: Path) -> None:
    result = run(tmp_path, "--because", "wrong names in the third")

    assert result.exit_code == 0, result.output
    assert read(releases) == "second"
    assert releases.names() == ["2026-01-12_1", "2026-01-12_2", "2026-01-12_3"]
    (entry,) = entries(tmp_path)
    assert entry.action == "rollback"
    assert entry.what == {
        "from": "2026-01-12_3",
        "to": "2026-01-12_2",
        "because": "wrong names in the third",
        "is_masked": False,
    }
    # A second rollback goes one release further back, and a name goes to any release.
    assert run(tmp_path, "--because", "so is the second").exit_code == 0
    assert read(releases) == "first"
    assert run(tmp_path, "--because", "fixed", "--to", "2026-01-12_3").exit_code == 0
    assert read(releases) == "third"
    put(releases, "fourth", NEXT_WEEK)
    assert releases.current_name == "2026-01-12_4"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "2026-01-12_7"], "There is no release 2026-01-12_7; there are: 2026-01-12_1,"),
        (["--to", "../../secrets"], "There is no release"),
        (["--to", "2026-01-12_3"], "is already current"),
        (["--masked"], "There is no release before the first"),
    ],
)
def test_what_cannot_be_restored_is_reported(
    releases: Releases, tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = run(tmp_path, "--because", "a test", *arguments)

    assert result.exit_code == 1
    assert said in result.stderr
    assert read(releases) == "third"
    assert entries(tmp_path) == []


@pytest.mark.parametrize("change", ["byte", "gone"])
def test_a_release_that_was_changed_does_not_come_back(
    releases: Releases, tmp_path: Path, change: str
) -> None:
    mart = releases.folder("2026-01-12_2") / "mart.txt"
    mart.write_text("Second") if change == "byte" else mart.unlink()

    result = run(tmp_path, "--because", "a test")

    assert result.exit_code == 1
    assert (
        "mart.txt of the release 2026-01-12_2 was modified after it was published" in result.stderr
    )
    assert read(releases) == "third"


# Images -------------------------------------------------------------------------------------------

_SKOPEO = """#!/usr/bin/env python3
# A registry for tests: one file for each tag or digest, which contains the digest.
import os, pathlib, sys
registries = pathlib.Path(os.environ["REGISTRIES"])
def place(name):
    repository, _, version = name.removeprefix("docker://").partition("@")
    if not version:
        repository, _, version = repository.rpartition(":")
    return registries / repository / version.replace(":", "-")
arguments = [each for each in sys.argv[2:] if not each.startswith("--") and "Digest" not in each]
if sys.argv[1] == "inspect":
    found = place(arguments[0])
    sys.exit("no such image") if not found.exists() else print(found.read_text())
elif sys.argv[1] == "copy":
    source, target = map(place, arguments)
    target.parent.mkdir(parents=True, exist_ok=True)
    for file in (target, target.parent / source.read_text().replace(":", "-")):
        file.write_text(source.read_text())
    with (registries / "copies").open("a") as log:
        log.write(source.read_text() + chr(10))
"""


class Registries:
    """Staging's registry with two images, both tried or not; and production's, empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("skopeo", _SKOPEO), ("aws", "#!/bin/sh\necho invented\n")):
            tool = folder / "bin" / name
            tool.parent.mkdir(exist_ok=True)
            tool.write_text(text)
            tool.chmod(tool.stat().st_mode | stat.S_IEXEC)
        for commit, digest in ((FIRST_COMMIT, OLD), (SECOND_COMMIT, NEW)):
            for name in (commit, digest.replace(":", "-")):
                self._put(name, digest)

    def _put(self, name: str, digest: str) -> None:
        file = self.folder / "staging" / "persona-access" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(digest)

    def mark_as_tried(self, digest: str) -> None:
        """Mark an image as tried, as staging does after a complete week."""
        self._put(f"tried-{digest.removeprefix('sha256:')}", digest)

    def promote(self, digest: str, commit: str) -> subprocess.CompletedProcess[str]:
        """Promote an image from staging to production."""
        return subprocess.run(
            [PROMOTE],
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "REGISTRIES": str(self.folder),
                "DIGEST": digest,
                "COMMIT": commit,
                "FROM": "staging/persona-access",
                "TO": "production/persona-access",
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def copied(self) -> list[str]:
        """The digests that were copied to production, in order."""
        log = self.folder / "copies"
        return log.read_text().split() if log.exists() else []


@pytest.fixture
def registries(tmp_path: Path) -> Registries:
    return Registries(tmp_path)


def test_production_takes_what_staging_tried_and_goes_back_to_it(registries: Registries) -> None:
    for digest, commit in ((OLD, FIRST_COMMIT), (NEW, SECOND_COMMIT)):
        registries.mark_as_tried(digest)
        done = registries.promote(digest, commit)
        assert done.returncode == 0, done.stderr
    assert registries.copied == [OLD, NEW]
    # A rollback copies nothing: the image exists, and its digest is deployed again.
    assert registries.promote(OLD, FIRST_COMMIT).returncode == 0
    assert registries.copied == [OLD, NEW]


@pytest.mark.parametrize(
    ("digest", "commit", "is_tried", "said"),
    [
        (NEW, SECOND_COMMIT, False, "Staging has not tested"),
        (NEW, FIRST_COMMIT, True, f"was not built from the commit {FIRST_COMMIT}"),
        ("latest", SECOND_COMMIT, True, "is not a digest"),
        (f"sha256:{'3' * 64}", SECOND_COMMIT, False, "Staging has not tested"),
    ],
)
def test_production_takes_nothing_else(
    registries: Registries, digest: str, commit: str, is_tried: bool, said: str
) -> None:
    if is_tried:
        registries.mark_as_tried(NEW)
    done = registries.promote(digest, commit)
    assert done.returncode != 0
    assert said in done.stderr
    assert registries.copied == []
