"""Find out whether a process has a file open for writing, if the system knows."""

from __future__ import annotations

import enum
import errno
import fcntl
import os
from pathlib import Path

_PROCESSES = Path("/proc")


class Writing(enum.Enum):
    """The system's answer about a file."""

    YES = "open for writing"
    NO = "not open for writing"
    UNKNOWN = "unknown to the system"


def writing(path: Path) -> Writing:
    """Ask the system whether a process has a file open for writing.

    The system grants a read lease only if no process has the file open for writing. Network shares
    and files of other users grant no lease. Then the visible processes of this machine are
    searched; this cannot prove that nobody writes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return Writing.UNKNOWN
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EBUSY):
            return Writing.YES
        return Writing.YES if _has_writer(os.fstat(descriptor)) else Writing.UNKNOWN
    else:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return Writing.NO
    finally:
        os.close(descriptor)


def _has_writer(found: os.stat_result) -> bool:
    for folder in _PROCESSES.glob("[0-9]*/fd"):
        try:
            for opened in folder.iterdir():
                other = opened.stat()
                if (other.st_dev, other.st_ino) == (found.st_dev, found.st_ino) and _is_for_writing(
                    folder.parent / "fdinfo" / opened.name
                ):
                    return True
        except OSError:
            # The process belongs to another user, or has ended.
            continue
    return False


def _is_for_writing(info: Path) -> bool:
    flags = next(
        line.split()[1] for line in info.read_text("ascii").splitlines() if line.startswith("flags")
    )
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
