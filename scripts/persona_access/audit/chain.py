"""A chain of entries: each is one line of JSON with the hash of the previous line.

A line has exactly one valid form, so a changed byte gives a wrong hash or an invalid line. A chain
cannot show that its end was cut off, or that all of it was rewritten: for that, its head is
anchored elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.base.locks import one_after_another

_START = "0" * 64
_LAST_BYTES = 1 << 16


@dataclass(frozen=True)
class Entry:
    """One event. `at` is UTC; `files` maps paths below the home to their SHA-256."""

    sequence: int
    at: str
    who: str
    action: str
    what: Mapping[str, Any]
    files: Mapping[str, str]
    previous: str

    @property
    def hash(self) -> str:
        """SHA-256 of all other fields, including the hash of the previous entry."""
        return hashlib.sha256(_spell(asdict(self))).hexdigest()

    def line(self) -> bytes:
        """Write the entry as a line."""
        return _spell({**asdict(self), "hash": self.hash}) + b"\n"


class TornError(MachineError):
    """The last entry is only half written, for example after a power failure; it is not forged."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"The last entry of the audit log {file} is only half written, as after a power "
            "failure; the earlier entries are intact. Run `persona-access audit repair`, and "
            "the command again."
        )


class Chain:
    """The log in one append-only file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def append(self, *, at: str, who: str, action: str, what: Any, files: Any) -> Entry:
        """Add an entry; it is on disk when this returns.

        Raises MachineError if the last entry is not intact: nothing is added after a possibly
        forged entry.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        # Without a buffer: a buffer would write the rest of a failed line when it is closed.
        with one_after_another(self.file), self.file.open("a+b", buffering=0) as stream:
            last = self._last(stream)
            entry = Entry(
                sequence=last.sequence + 1 if last else 1,
                at=at,
                who=who,
                action=action,
                what=what,
                files=files,
                previous=last.hash if last else _START,
            )
            end = stream.seek(0, os.SEEK_END)
            try:
                line = entry.line()
                while line:
                    line = line[stream.write(line) :]
                os.fsync(stream.fileno())
            except OSError:
                # Half a line would always look like a forgery.
                os.ftruncate(stream.fileno(), end)
                raise
        return entry

    def read(self) -> Iterator[Entry]:
        """Yield every entry in order; raises PersonaAccessError at the first changed one."""
        if not self.file.is_file():
            return
        previous = _START
        with self.file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                entry = parse(line)
                if entry is None and is_torn(line):
                    raise TornError(self.file)
                if entry is None:
                    raise self._broken(number, "was changed after it was written")
                if entry.sequence != number or entry.previous != previous:
                    raise self._broken(number, "does not follow the entry before it")
                previous = entry.hash
                yield entry

    def check_end(self) -> None:
        """Raise MachineError if no entry can be added, before a command does anything else."""
        if self.file.is_file():
            with self.file.open("r+b") as stream:
                self._last(stream)
        elif self.file.parent.exists() and not (
            self.file.parent.is_dir() and os.access(self.file.parent, os.W_OK | os.X_OK)
        ):
            raise MachineError(
                f"The audit log {self.file} cannot be written: {self.file.parent} must be a "
                "folder that this user can write. Nothing was done."
            )

    def repair(self) -> bytes:
        """Remove a half-written last entry, and return it; b"" if the last entry is intact.

        Raises PersonaAccessError if an earlier entry was changed.
        """
        try:
            for _ in self.read():
                pass
        except TornError:
            with one_after_another(self.file), self.file.open("r+b") as stream:
                content = stream.read()
                start = content.rfind(b"\n") + 1
                os.ftruncate(stream.fileno(), start)
                os.fsync(stream.fileno())
            return content[start:]
        return b""

    def _last(self, stream: BinaryIO) -> Entry | None:
        size = stream.seek(0, os.SEEK_END)
        if size == 0:
            return None
        reach = _LAST_BYTES
        while True:
            stream.seek(max(0, size - reach))
            lines = stream.read().splitlines(keepends=True)
            if len(lines) > 1 or reach >= size:
                break
            reach *= 2
        entry = parse(lines[-1])
        if entry is None and is_torn(lines[-1]):
            raise TornError(self.file)
        if entry is None:
            raise MachineError(
                f"The last entry of the audit log {self.file} was changed after it was "
                "written, so nothing is added to it: run `persona-access audit verify`, and "
                "restore the log from a backup."
            )
        return entry

    def _broken(self, number: int, fault: str) -> PersonaAccessError:
        return PersonaAccessError(
            f"Entry {number} of the audit log {self.file} {fault}: from there on the log proves "
            "nothing; restore it from a backup, and find out who changed it."
        )


def is_torn(line: bytes) -> bool:
    """Return whether a line is the start of an entry, possibly with zeros of the file system.

    A line with an end, or with other bytes than an entry begins with, was changed deliberately.
    """
    written = line.rstrip(b"\0")
    if written.endswith(b"\n"):
        return False
    start = b'{"action":"'
    return written.startswith(start) or start.startswith(written)


def parse(line: bytes) -> Entry | None:
    """Parse a line; None if it differs from the exact form of an entry."""
    try:
        found = json.loads(line)
        found.pop("hash")
        entry = Entry(**found)
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
    # Compared as bytes, so that another form of the same JSON is detected, too.
    return entry if entry.line() == line else None


def _spell(values: Mapping[str, Any]) -> bytes:
    """Write JSON in its only valid form: sorted keys, no spaces, ASCII."""
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")
