"""Locks: one process at a time on a raw layer, and one weekly run."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from persona_access.base.errors import MachineError


@contextmanager
def only_one(path: Path, another: str) -> Iterator[None]:
    """Hold a lock file; the system frees it when the process ends, however it ends.

    `another` begins the sentence of the MachineError that names who holds it and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise MachineError(
                f"{another} ({file.read().strip() or 'just started'}): wait "
                "until it is done and run the command again."
            ) from error
        file.truncate(0)
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {since}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
