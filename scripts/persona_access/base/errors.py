"""The errors of the project: each is one sentence that says what, where and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from persona_access.base.printable import capped

EXIT_OK = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_MACHINE = 3
# The exit codes that shells use for a process that a signal ended.
EXIT_SIGNAL = 128
# Everything else is loaded: a scheduler continues with the week and notifies somebody.
EXIT_SOME_REFUSED = 4

# System messages about a disk that cannot be written, as they appear in errors of libraries.
DISK_FAULT = re.compile(
    "No space left on device|Read-only file system|Disk quota exceeded|File too large"
)


class PersonaAccessError(Exception):
    """An error that a user can fix; the command line prints its sentence and no traceback."""

    exit_code = EXIT_REFUSED


class RefusalError(PersonaAccessError):
    """A delivery cannot be accepted; `details` are further lines for its .reason.txt.

    Quotes from the delivery are made printable and shortened.
    """

    def __init__(self, sentence: str, details: Sequence[str] = ()) -> None:
        super().__init__(capped(sentence))
        self.details = tuple(capped(detail) for detail in details)

    def __reduce__(self) -> tuple[type[RefusalError], tuple[str, tuple[str, ...]]]:
        """Keep the details when the error is pickled: another process reads the file."""
        return type(self), (str(self), self.details)


class SettingsError(PersonaAccessError):
    """An error in a setting, option or contract of the project."""

    exit_code = EXIT_USAGE


class MachineError(PersonaAccessError):
    """An environment error: a full disk, a folder that cannot be written, a lock."""

    exit_code = EXIT_MACHINE
