"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path

READ_ONLY = 0o444


def write_atomically(target: Path, text: str) -> None:
    """Write a read-only UTF-8 file that nobody ever sees half-written."""
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.unlink(missing_ok=True)
    # A file name may hold bytes other than UTF-8; messages show them escaped.
    temporary.write_text(text, "utf-8", errors="backslashreplace")
    place(temporary, target)


def place(temporary: Path, target: Path) -> None:
    """Move a finished file of the same file system to its place, on disk before the name is."""
    temporary.chmod(READ_ONLY)
    sync(temporary)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)
    sync(target.parent)


def copy_atomically(source: Path, target: Path) -> None:
    """Copy a file's bytes; the copy appears under its name when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.unlink(missing_ok=True)
    shutil.copyfile(source, temporary)
    place(temporary, target)


def move(source: Path, target: Path) -> None:
    """Move a file, also to another file system, without a moment when it is nowhere."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy_atomically(source, target)
        source.unlink()


def sync(path: Path) -> None:
    """Bring a file's bytes, or a folder's names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
