"""Expand compressed files, up to a limit, and read any file block by block."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from persona_access.base.errors import RefusalError

BLOCK = 1 << 20


def blocks(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Yield the rest of a file in blocks of one MiB."""
    while block := file.read(BLOCK):
        yield block


def too_large(what: str, max_bytes: int) -> RefusalError:
    """Return the error for a `what`, such as "file", that expands to more than the limit."""
    return RefusalError(
        f"The {what} expands to more than {max_bytes:,} bytes: if that is genuine, raise "
        "PERSONA_ACCESS_MAX_EXPANDED_SIZE and deliver it again."
    )


def copy_expanded(packed: IO[bytes] | gzip.GzipFile, target: Path, max_bytes: int) -> None:
    """Write the expanded stream; raises RefusalError if it is larger than `max_bytes`."""
    n_bytes = 0
    with target.open("wb") as plain:
        for block in blocks(packed):
            n_bytes += len(block)
            if n_bytes > max_bytes:
                raise too_large("file", max_bytes)
            plain.write(block)


def gunzipped(path: Path, target: Path, max_bytes: int) -> Path:
    """Expand a gzip file to `target`, and return `target`.

    Raises RefusalError if the file is damaged, or expands to more than `max_bytes`.
    """
    try:
        with gzip.open(path, "rb") as packed:
            copy_expanded(packed, target, max_bytes)
    except EOFError as error:
        raise RefusalError(
            f"The gzip data stops after {target.stat().st_size:,} bytes of text, before its end: "
            "the transfer was cut short; deliver the file again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise RefusalError(
            f"The file is not a valid gzip file ({error}): compress it again, or name it .csv "
            "if it is plain text."
        ) from error
    return target
