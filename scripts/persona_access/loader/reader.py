"""Read each delivery in a separate process, so that no file can end a load.

A server starts once and forks for each file; the fork has limits of memory and time. If the fork
fails, only that file is refused, with a sentence. `python -m` this module is the server.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import errno
import importlib
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait

import pyarrow

from persona_access.base.errors import (
    DISK_FAULT,
    MachineError,
    PersonaAccessError,
    RefusalError,
)
from persona_access.base.printable import capped
from persona_access.loader.reading import Job, Read, find_date, read_delivery

# In addition to DuckDB's memory, the libraries of other formats need memory.
_SPARE_BYTES = 4 << 30
_SECONDS = 600.0
_BYTES_A_SECOND = 1_000_000
_MACHINE_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE}


@dataclass(frozen=True)
class Order:
    """A job, and what its process needs: limits, and the environment with the key."""

    job: Job
    environment: Mapping[str, str]
    n_bytes_memory: int
    seconds: float
    is_for_date: bool = False


@dataclass(frozen=True)
class Death:
    """Describes how a process ended without an answer."""

    what: str


Answer = Read | dt.date | PersonaAccessError | Death


class _Server:
    """The parent's handle of the process that forks for each file."""

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "persona_access.loader.reader", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, order: Order) -> Answer:
        self._connection.send(order)
        answer: Answer = self._connection.recv()
        return answer

    def close(self) -> None:
        self._connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if self.is_alive:
            self._process.kill()
            self._process.wait()


_servers: list[_Server] = []


def read_apart(job: Job) -> Read:
    """Read a delivery in a separate process.

    Raises RefusalError if the file makes that process fail, and MachineError for an environment
    error.
    """
    answer = _asked(job, is_for_date=False)
    assert isinstance(answer, Read)  # noqa: S101 - what was asked for
    return answer


def find_date_apart(job: Job) -> dt.date:
    """Find the extract date within a delivery in a separate process; raises as `read_apart`."""
    answer = _asked(job, is_for_date=True)
    assert isinstance(answer, dt.date)  # noqa: S101 - what was asked for
    return answer


def _asked(job: Job, *, is_for_date: bool) -> Read | dt.date:
    order = Order(
        job=job,
        environment=dict(os.environ),
        n_bytes_memory=_bytes(job.memory_limit) + _SPARE_BYTES,
        seconds=_SECONDS + job.path.stat().st_size / _BYTES_A_SECOND,
        is_for_date=is_for_date,
    )
    try:
        answer = _server().ask(order)
    except (EOFError, OSError) as error:
        stop_reading()
        raise MachineError(
            f"The process that reads deliveries ended ({error or 'without a message'}): check "
            "whether the machine is short of memory, and run the command again."
        ) from error
    except BaseException:
        # Interrupted: the pending answer would be taken for the answer of the next file.
        stop_reading()
        raise
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, Death):
        raise RefusalError(
            f"The file could not be read: the process that reads it {answer.what}. Export it "
            "again, or as CSV UTF-8; nothing of it is loaded."
        )
    return answer


def stop_reading() -> None:
    """End the server; the next delivery starts another."""
    while _servers:
        _servers.pop().close()


def _server() -> _Server:
    if _servers and not _servers[0].is_alive:
        stop_reading()
    if not _servers:
        _servers.append(_Server())
    return _servers[0]


atexit.register(stop_reading)


def _bytes(limit: str) -> int:
    number = float(re.match(r"[\d.]+", limit.strip())[0])  # type: ignore[index]
    unit = limit.strip().lstrip("0123456789. ")[:1].upper()
    return int(number * {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(unit, 1))


def _serve(connection: Connection) -> None:
    """Answer orders until the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            order = connection.recv()
        except EOFError:
            return
        connection.send(fork(order, connection))


def fork(order: Order, parent: Connection) -> Answer:
    """Run a job in a fork of this process, and return its result.

    If the other end of `parent` closes meanwhile, this process ends, with its fork.
    """
    ours, theirs = Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        ours.close()
        parent.close()
        _work(order, theirs)
    theirs.close()
    with ours:
        ready = wait([ours, parent], order.seconds)
        answer: Answer | None = None
        if parent in ready or not ready:
            # The parent sends nothing while it waits for an answer, so it has ended.
            os.kill(child, signal.SIGKILL)
            answer = Death(f"was not done after {order.seconds:,.0f} seconds")
        else:
            with contextlib.suppress(EOFError, OSError):
                answer = ours.recv()
    _, status = os.waitpid(child, 0)
    if parent in ready:
        os._exit(0)
    if answer is not None:
        return answer
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return Death(f"was ended by {name}, most likely because it asked for too much memory")
    return Death("ended without an answer")


def _work(order: Order, answers: Connection) -> None:
    """Run the job in the fork; this function never returns."""
    try:
        answer: object
        try:
            _limit(order)
            answer = find_date(order.job) if order.is_for_date else read_delivery(order.job)
        except PersonaAccessError as error:
            answer = error
        except MemoryError:
            answer = Death("needs more memory than allowed; raise PERSONA_ACCESS_MEMORY_LIMIT")
        except BaseException as error:  # noqa: BLE001 - whatever a file does, it is one file
            answer = _in_words(error)
        answers.send(answer)
        os._exit(0)
    finally:
        os._exit(70)


def _limit(order: Order) -> None:
    os.environ.clear()
    os.environ.update(order.environment)
    os.environ["TZ"] = "UTC"
    time.tzset()
    # A library that aborts would write to the terminal of the load; the load reports the error
    # itself.
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = order.n_bytes_memory + 16 * (os.cpu_count() or 1) * (1 << 20)
    if most == resource.RLIM_INFINITY or wanted < most:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))


def _in_words(error: BaseException) -> PersonaAccessError:
    words = capped((str(error).strip() or type(error).__name__).splitlines()[0], 300).rstrip(".")
    is_of_machine = isinstance(error, OSError) and error.errno in _MACHINE_FAULTS
    if is_of_machine or DISK_FAULT.search(str(error)):
        return MachineError(
            f"The raw layer cannot be written ({words}): free disk space or give this user write "
            "permission, then run the command again."
        )
    return RefusalError(
        f"The file cannot be read ({type(error).__name__}: {words}): it is damaged, or has "
        "another format than its name indicates; export it again."
    )


if __name__ == "__main__":
    # Import this module under its own name, which the parent uses for pickling, before forking.
    from persona_access.loader import reader

    # Otherwise the fork of each file imports these, a third of its time.
    for used in ("numpy.ma", "persona_access.base.variables"):
        importlib.import_module(used)
    # Arrow's default allocator returns its pages after each batch: half of the time in the kernel.
    with contextlib.suppress(NotImplementedError):
        pyarrow.set_memory_pool(pyarrow.jemalloc_memory_pool())
    reader._serve(Connection(int(sys.argv[1])))
