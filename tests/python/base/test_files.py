"""Files of people's data are written only where they are meant, for those who may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from persona_access.base.files import copy_atomically, make_editable, move, write_atomically
from persona_access.base.kept_files import decrypt, keep
from persona_access.base.locks import only_one
from persona_access.base.targets import claim_home
from persona_access.learning.seed import _write
from persona_access.outputs.evidence.sign import sign


def _copy(target: Path) -> None:
    copy_atomically(_source(target), target)


def _keep(target: Path) -> None:
    keep(_source(target), target.with_name("kept.sealed"), is_moved=False)


def _decrypt(target: Path) -> None:
    sealed = target.with_name("whole.sealed")
    keep(_source(target), sealed, is_moved=False)
    decrypt(sealed, target)


def _source(target: Path) -> Path:
    source = target.with_name("source.csv")
    source.write_text("people", "utf-8")
    return source


WAYS: list[Callable[[Path], None]] = [
    lambda target: write_atomically(target, "people"),
    lambda target: _write(target, "people"),
    _copy,
    _keep,
    _decrypt,
]


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_readable_by_those_the_umask_allows(
    way: Callable[[Path], None], tmp_path: Path, umask: Callable[[int], int]
) -> None:
    for mask, for_others in ((0o077, 0), (0o027, 0o040), (0o022, 0o044)):
        umask(mask)
        folder = tmp_path / oct(mask)
        folder.mkdir()
        way(folder / "out.csv")
        for file in set(folder.iterdir()) - {folder / "source.csv"}:
            assert file.stat().st_mode & 0o077 == for_others, file
            make_editable(file)
            assert file.stat().st_mode & 0o277 == for_others | stat.S_IWUSR


@pytest.mark.parametrize("way", WAYS)
def test_a_link_placed_at_the_last_moment_is_not_followed(
    way: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user who may write to the folder links the unfinished file to a file of theirs."""
    theirs = tmp_path / "theirs"
    theirs.write_text("", "utf-8")
    unlink = Path.unlink

    def and_link(path: Path, *, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        path.symlink_to(theirs)

    monkeypatch.setattr(Path, "unlink", and_link)
    folder = tmp_path / "shared"
    folder.mkdir()
    with pytest.raises(FileExistsError):
        way(folder / "out.csv")
    assert theirs.read_text("utf-8") == ""


def test_a_moved_file_cannot_be_changed_under_a_second_name(tmp_path: Path) -> None:
    delivered, kept, second = (tmp_path / name for name in ("delivered", "kept", "second"))
    delivered.write_text("people", "utf-8")
    second.hardlink_to(delivered)
    move(delivered, kept)
    second.write_text("changed", "utf-8")
    assert kept.read_text("utf-8") == "people"
    assert not delivered.exists()


def test_a_signature_does_not_go_through_a_link(tmp_path: Path) -> None:
    pack, theirs = tmp_path / "pack.zip", tmp_path / "theirs"
    pack.write_bytes(b"pack")
    theirs.write_text("kept", "utf-8")
    (tmp_path / "pack.zip.sig").symlink_to(theirs)
    sign(pack, "A" * 43 + "=")
    assert theirs.read_text("utf-8") == "kept"
    assert not (tmp_path / "pack.zip.sig").is_symlink()


def test_a_new_home_is_only_its_users(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0o022)
    claim_home(tmp_path / "loaded", "dev")
    with only_one(tmp_path / "run" / ".run.lock", "Another run is active"):
        pass
    for home in (tmp_path / "loaded", tmp_path / "run"):
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
