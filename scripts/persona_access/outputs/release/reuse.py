"""Reuse files of an earlier release that would be written again unchanged.

An artefact depends on the marts, their texts and this code. If none of these changed, its files
are linked from the previous release; so is the file of a mart with the same content. Any other file
with equal bytes becomes a hard link, too.
"""

from __future__ import annotations

import filecmp
import hashlib
import importlib.metadata
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

import persona_access
from persona_access.base.content_hash import ContentHash
from persona_access.base.files import sha256_of
from persona_access.outputs.release.catalogue import FILE_NAME as CATALOGUE
from persona_access.outputs.release.manifest import read_manifest


def fingerprint(marts: Path, contents: Mapping[str, ContentHash]) -> str:
    """Hash all inputs of an artefact: if the hashes are equal, the artefacts are equal."""
    digest = hashlib.sha256(code().encode())
    digest.update((marts / CATALOGUE).read_bytes())
    held = sorted((name, found.n_rows, found.value) for name, found in contents.items())
    digest.update(repr(held).encode())
    return digest.hexdigest()


def take_over(earlier: Path | None, release: Path, artefact: str, made_of: str) -> bool:
    """Link an artefact of an earlier release with the same inputs that is unmodified since.

    Returns False, and links nothing, if there is none.
    """
    if earlier is None or not (earlier / artefact).is_dir():
        return False
    manifest = read_manifest(earlier)
    # Releases of older versions lack it.
    if manifest.get("made_of") != made_of:
        return False
    said = {
        path: member["sha256"]
        for path, member in manifest["members"].items()
        if path.startswith(f"{artefact}/")
    }
    if any(not _is(earlier / path, digest) for path, digest in said.items()):
        return False
    for path in said:
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        link(earlier / path, release / path)
    return True


@dataclass(frozen=True)
class EarlierMart:
    """The file of a mart in an earlier release, its content, and the hash of its bytes."""

    file: Path
    content: ContentHash
    sha256: str

    def is_intact(self, connection: duckdb.DuckDBPyConnection, query: str) -> bool:
        """Return whether the file has the columns of a query, and its bytes did not change."""
        if not _is(self.file, self.sha256):
            return False
        held, wanted = (
            [column[:2] for column in connection.sql(f"describe from {relation}").fetchall()]
            for relation in (f"read_parquet('{self.file}')", f"({query})")
        )
        return held == wanted


def earlier_marts(earlier: Path | None) -> dict[str, EarlierMart]:
    """Return the marts of an earlier release by name."""
    manifest = read_manifest(earlier) if earlier else {"marts": {}, "members": {}}
    found = {}
    for name, mart in manifest["marts"].items():
        path = f"marts/{name}.parquet"
        if earlier and (member := manifest["members"].get(path)):
            content = ContentHash(mart["n_rows"], mart["content_hash"])
            found[name] = EarlierMart(earlier / path, content, member["sha256"])
    return found


def share_equal_files(earlier: Path | None, release: Path) -> None:
    """Replace each file that an earlier release has at the same path by a hard link to it."""
    if earlier is None:
        return
    for file in list(release.rglob("*")):
        other = earlier / file.relative_to(release)
        if not file.is_file() or not other.is_file() or file.samefile(other):
            continue
        if filecmp.cmp(file, other, shallow=False):
            file.unlink()
            link(other, file)


def link(old: Path, new: Path) -> None:
    """Create a hard link, or copy the file if the file system has no hard links."""
    try:
        new.hardlink_to(old)
    except OSError:
        shutil.copyfile(old, new)


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and sha256_of(file) == digest


@cache
def code() -> str:
    """Hash the code of this package and the versions of all installed packages."""
    root = Path(str(persona_access.__file__)).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(root)).encode() + file.read_bytes())
    for name in sorted(f"{d.name} {d.version}" for d in importlib.metadata.distributions()):
        digest.update(name.encode())
    return digest.hexdigest()
