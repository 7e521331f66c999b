"""Read the manifest of a delivery: a control file with its row count and SHA-256."""

from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.errors import RefusalError
from persona_access.base.printable import counted

MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """The sender's row count and checksum of a file, each if given."""

    n_rows: int | None
    sha256: str | None

    def check_sha256(self, actual: str) -> None:
        """Raise RefusalError if the bytes differ from the sender's checksum."""
        if self.sha256 is not None and self.sha256 != actual:
            raise RefusalError(
                f"The manifest gives SHA-256 {self.sha256}, but the file's is {actual}: the "
                "file or its manifest changed in transfer; deliver both again."
            )

    def check_rows(self, n_read: int) -> None:
        """Raise RefusalError if the number of rows differs from the sender's."""
        if self.n_rows is not None and self.n_rows != n_read:
            raise RefusalError(
                f"The manifest says {counted(self.n_rows, 'row')}, but the file has {n_read:,} "
                "besides its header: the file was cut, or the manifest belongs to another file; "
                "deliver both again."
            )


def read_manifest(path: Path) -> Manifest:
    """Read `rows` (a whole number) and `sha256` (64 hexadecimal digits); at least one is needed.

    Raises RefusalError if it is not a regular file, is too large, or has neither value.
    """
    example = '{"rows": 1500, "sha256": "<64 hexadecimal digits>"}'
    try:
        found = json.loads(manifest_bytes(path))
        rows, sha256 = found.get("rows"), found.get("sha256")
        is_sound = (
            (rows is not None or sha256 is not None)
            and (rows is None or (type(rows) is int and rows >= 0))
            and (sha256 is None or (len(sha256) == 64 and int(sha256, 16) >= 0))
        )
    except (ValueError, AttributeError, TypeError, RecursionError):
        is_sound = False
    if not is_sound:
        raise RefusalError(f"The manifest beside the file cannot be read: write it like {example}.")
    return Manifest(rows, sha256.lower() if sha256 is not None else None)


def manifest_bytes(path: Path) -> bytes:
    """Read a manifest without following a link, waiting for a pipe, or reading a device.

    Raises RefusalError if it is not a regular file of at most 1 MiB.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        what = "is a link" if error.errno == errno.ELOOP else f"cannot be read ({error.strerror})"
        raise _refused(what) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _refused("is a folder" if stat.S_ISDIR(mode) else "is not a regular file")
    with os.fdopen(descriptor, "rb") as stream:
        text = stream.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise _refused(f"is larger than {MAX_BYTES:,} bytes")
    return text


def _refused(what: str) -> RefusalError:
    return RefusalError(
        f"The manifest beside the file {what}: deliver a small JSON file with the rows and the "
        "SHA-256, or no manifest."
    )
