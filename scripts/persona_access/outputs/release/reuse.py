"""What a release takes over from the one before: files that would be written again as they are.

An artefact is made of the marts, their words and this code. Where none of these changed, its files
are those of the release before. Any other file with equal bytes becomes a second name of it.
"""

from __future__ import annotations

import filecmp
import hashlib
import importlib.metadata
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import persona_access
from persona_access.base.content_hash import ContentHash
from persona_access.outputs.release.catalogue import FILE_NAME as CATALOGUE
from persona_access.outputs.release.manifest import read_manifest
from persona_access.outputs.release.release import sha256


def fingerprint(marts: Path, contents: Mapping[str, ContentHash]) -> str:
    """Hash all that an artefact is made of: equal for two releases, so are their artefacts."""
    digest = hashlib.sha256(code().encode())
    digest.update((marts / CATALOGUE).read_bytes())
    held = sorted((name, found.n_rows, found.value) for name, found in contents.items())
    digest.update(repr(held).encode())
    return digest.hexdigest()


def take_over(earlier: Path | None, release: Path, artefact: str, made_of: str) -> bool:
    """Link an artefact of an earlier release that is made of the same, and unmodified since.

    Returns False, with nothing linked, where there is none.
    """
    if earlier is None or not (earlier / artefact).is_dir():
        return False
    manifest = read_manifest(earlier)
    # Releases of older versions do not say it.
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
        _link(earlier / path, release / path)
    return True


def share_equal_files(earlier: Path | None, release: Path) -> None:
    """Make each file that an earlier release has under the same path a second name of that one."""
    if earlier is None:
        return
    for file in list(release.rglob("*")):
        other = earlier / file.relative_to(release)
        if not file.is_file() or not other.is_file() or file.samefile(other):
            continue
        if filecmp.cmp(file, other, shallow=False):
            file.unlink()
            _link(other, file)


def _link(old: Path, new: Path) -> None:
    """Give a file a second name, or copy it where the file system has no such names."""
    try:
        new.hardlink_to(old)
    except OSError:
        shutil.copyfile(old, new)


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and sha256(file) == digest


@cache
def code() -> str:
    """Hash the code of this package, and the versions of all that is installed."""
    root = Path(str(persona_access.__file__)).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(root)).encode() + file.read_bytes())
    for name in sorted(f"{d.name} {d.version}" for d in importlib.metadata.distributions()):
        digest.update(name.encode())
    return digest.hexdigest()
