"""The control file beside a delivery: how many rows it has and its SHA-256."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.errors import RefusalError


@dataclass(frozen=True)
class Manifest:
    """The sender's row count and checksum of a file, where given."""

    n_rows: int | None
    sha256: str | None

    def check_sha256(self, actual: str) -> None:
        """Raise RefusalError when the bytes are not the sender's."""
        if self.sha256 is not None and self.sha256 != actual:
            raise RefusalError(
                f"The manifest gives SHA-256 {self.sha256}, but the file's is {actual}: the file "
                "or its manifest is not the one that was sent; deliver both again."
            )

    def check_rows(self, n_read: int) -> None:
        """Raise RefusalError when the file has not the sender's number of rows."""
        if self.n_rows is not None and self.n_rows != n_read:
            raise RefusalError(
                f"The manifest says {self.n_rows:,} rows, but the file has {n_read:,} besides its "
                "header: the file was cut or the manifest is another's; deliver both again."
            )


def read_manifest(path: Path) -> Manifest:
    """Read `rows` (a whole number) and `sha256` (64 hexadecimal digits); at least one is needed."""
    example = '{"rows": 1500, "sha256": "<64 hexadecimal digits>"}'
    try:
        found = json.loads(path.read_bytes())
        rows, sha256 = found.get("rows"), found.get("sha256")
        is_sound = (
            (rows is not None or sha256 is not None)
            and (rows is None or (type(rows) is int and rows >= 0))
            and (sha256 is None or (len(sha256) == 64 and int(sha256, 16) >= 0))
        )
    except (ValueError, AttributeError, TypeError, RecursionError):
        is_sound = False
    if not is_sound:
        raise RefusalError(
            f"The manifest beside the file cannot be read: it should look like {example}."
        )
    return Manifest(rows, sha256.lower() if sha256 is not None else None)
