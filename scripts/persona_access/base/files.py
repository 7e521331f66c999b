"""Atomic file operations: a file is either complete or absent."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from persona_access.base.errors import MachineError

_READ_ONLY = 0o444


def empty_folder(folder: Path) -> None:
    """Make an empty folder only for this user, or empty an existing one.

    An existing folder is not replaced, because it can be a mount point.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for found in folder.iterdir():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink()


def new_file(file: Path) -> Path:
    """Replace a file by an empty one of this user, and return it.

    In a folder where others may write, its name can be a link to another file, or a file of theirs.
    """
    file.unlink(missing_ok=True)
    file.touch(exist_ok=False)
    return file


def write_atomically(target: Path, text: str) -> None:
    """Write a read-only UTF-8 file atomically; create its folder if needed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = new_file(target.with_name(f".{target.name}.tmp"))
    # A file name can contain bytes other than UTF-8; messages show them escaped.
    temporary.write_text(text, "utf-8", errors="backslashreplace")
    place(temporary, target)


def place(temporary: Path, target: Path) -> None:
    """Rename a finished file within a file system, after its bytes are on disk.

    It becomes read-only, for those who may read it by the umask under which it was created.
    """
    temporary.chmod(temporary.stat().st_mode & _READ_ONLY)
    sync(temporary)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)
    sync(target.parent)


def copy_atomically(source: Path, target: Path) -> None:
    """Copy a file's bytes; the copy gets its name only when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = new_file(target.with_name(f".{target.name}.tmp"))
    shutil.copyfile(source, temporary)
    place(temporary, target)


def make_editable(file: Path) -> None:
    """Let this user change a file: decisions to fill in, files to deliver."""
    file.chmod(file.stat().st_mode | stat.S_IWUSR)


def move(source: Path, target: Path) -> None:
    """Move a file, also to another file system; at every moment the file exists.

    A file with a second name is copied, because it could be changed under that name.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.stat(follow_symlinks=False).st_nlink == 1:
        try:
            source.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
    copy_atomically(source, target)
    source.unlink()


def refuse_without_temporary_folder() -> None:
    """Raise MachineError, with the folders' names, if no temporary folder is writable."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        raise MachineError(
            f"{error.strerror}: make one of them writable, free space on its disk, or set "
            "TMPDIR to a writable folder."
        ) from error


def sync(path: Path) -> None:
    """Flush a file's bytes, or a folder's names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
