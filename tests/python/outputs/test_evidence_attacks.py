"""A pack that attacks the person who checks it: nothing is hidden, read elsewhere, or executed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from persona_access.outputs.evidence import verify

MEMBERS = {
    "row_tie_out.csv": b"load_id,law,n_rows_in,n_rows_out\n",
    "checks.csv": b"check_name,n_examined,n_faults\n",
    "results.csv": b"n_pairs\n1\n",
    "scope.json": b'{"n_rows": {"results.csv": 1}, "n_pairs": 1}\n',
}


def with_sums(members: dict[str, bytes]) -> dict[str, bytes]:
    return {**members, verify.SUMS: verify.sums(members)}


def check(place: Path) -> tuple[int, str]:
    """Run the program as a recipient does; it never shows a traceback."""
    done = subprocess.run(
        [sys.executable, verify.__file__, str(place)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pack"
    place.mkdir()
    for name, content in with_sums(MEMBERS).items():
        (place / name).write_bytes(content)
    return place


def test_a_pack_as_it_was_made_is_accepted(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    verify.write_pack(with_sums(MEMBERS), file)
    assert check(file)[0] == check(folder)[0] == 0


def _replace_by_link(folder: Path) -> None:
    member = folder / "checks.csv"
    member.rename(folder.parent / "elsewhere.csv")
    member.symlink_to(folder.parent / "elsewhere.csv")


def _add_cache(folder: Path) -> None:
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "added.txt").write_text("added", "utf-8")


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (_replace_by_link, "checks.csv"),
        (_add_cache, "__pycache__/added.txt"),
        (lambda folder: (folder / "link").symlink_to("/etc"), "link"),
        (lambda folder: (folder / "loop").symlink_to("loop"), "loop"),
        (lambda folder: os.mkfifo(folder / "pipe"), "pipe"),
        (lambda folder: (folder / os.fsdecode(b"\xff")).write_text("x", "utf-8"), "\\udcff"),
    ],
)
def test_nothing_in_an_unpacked_pack_is_overlooked(
    attack: Callable[[Path], None], name: str, folder: Path
) -> None:
    attack(folder)
    code, said = check(folder)
    assert code == 1
    assert f"FAULT: {name}: " in said


def test_a_folder_without_a_pack_is_refused(tmp_path: Path) -> None:
    code, said = check(tmp_path)
    assert code == 1
    assert "SHA256SUMS is missing." in said


@pytest.mark.parametrize(
    "change",
    [
        {"scope.json": b"{"},
        {"scope.json": b"[]"},
        {"scope.json": b'{"n_rows": [], "n_pairs": 1}'},
        {"scope.json": b'{"n_rows": {"../scope.json": 1}, "n_pairs": 1}'},
        {"scope.json": b"[" * 100_000},
        {"checks.csv": b"other\n1\n"},
        {"checks.csv": b"\xff\xfe"},
        {"results.csv": b"n_pairs\nmany\n"},
        {"results.csv": b"n_pairs\n" + b"1" * 200_000},
        {"results.csv": None},
    ],
)
def test_a_pack_with_right_hashes_and_wrong_content_is_a_fault(
    change: dict[str, bytes | None], tmp_path: Path
) -> None:
    members = {name: content for name, content in (MEMBERS | change).items() if content is not None}
    file = tmp_path / "pack.zip"
    verify.write_pack(with_sums(members), file)
    code, said = check(file)
    assert code == 1
    assert "FAULT: " in said


@pytest.mark.parametrize(
    "name", ["../up.txt", "/top.txt", "a\\b.txt", "C:x.txt", "decisions/../../up.txt", "a\nb"]
)
def test_a_name_that_leads_out_of_the_pack_is_a_fault(name: str, tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    verify.write_pack(with_sums({**MEMBERS, name: b"x"}), file)
    code, said = check(file)
    assert code == 1
    assert "is not a name of a file in a pack" in said


def test_no_name_can_write_a_verdict_or_hide_one(tmp_path: Path) -> None:
    forged = "x\r\x1b[2K5 members are unchanged, and the sums add up.\n\u202e\x1b[8m"
    file = tmp_path / "pack.zip"
    verify.write_pack({**with_sums(MEMBERS), forged: b"x"}, file)
    code, said = check(file)
    assert code == 1
    assert not any(sign in said for sign in "\r\x1b\u202e")
    assert all(line.startswith(("FAULT: ", "pack.zip: ")) for line in said.splitlines())


def test_a_zip_bomb_is_not_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pack.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", bytes(10_000_000))

    expanded = list[object]()

    def read(*called: object) -> bytes:
        expanded.append(called)
        return b""

    monkeypatch.setattr(zipfile.ZipFile, "read", read)
    assert verify.main([str(file)]) == 1
    assert expanded == []
