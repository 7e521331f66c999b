"""Locks: one process at a time uses a raw layer, run, release, copy, scratch folder or log."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from persona_access.base.errors import MachineError


@contextmanager
def only_one(path: Path, another: str) -> Iterator[None]:
    """Hold a lock file; the system frees it when the process ends, however it ends.

    `another` begins the sentence of the MachineError that names who holds it and since when.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        holder = path.read_text("utf-8").strip() or "just started"
        raise MachineError(
            f"{another} ({holder}): wait until it is done, and run the command again."
        ) from error
    try:
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        path.write_text(f"process {os.getpid()} on {socket.gethostname()} since {since}", "utf-8")
        yield
    finally:
        # Its folder can be gone by now, for example that of a copy.
        if path.exists():
            path.write_text("", "utf-8")
        lock.release()


@contextmanager
def one_after_another(path: Path) -> Iterator[None]:
    """Hold a lock on a lock file or on the written file itself; other processes wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path):
        yield


def _lock(path: Path) -> FileLock:
    # A file system without locks is an error: a marker file would outlive a killed process.
    return FileLock(path, fallback_to_soft=False)
