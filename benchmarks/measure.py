"""Run a command and print the cost of it and all its child processes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class Cost:
    """Wall seconds, CPU seconds (user + system), and the most memory the process tree had."""

    wall: float
    cpu: float
    peak_mb: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak_mb, other.peak_mb))


def spend(command: Sequence[object], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command, and append its output to the log; exit if it fails."""
    arguments = [str(part) for part in command]
    with log.open("ab") as output:
        started = time.monotonic()
        child = subprocess.Popen(  # noqa: S603 - commands of the benchmark
            arguments, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        sampler = _Sampler(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        sampler.stop()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(arguments)} failed: see {log}.")
    # Only the samples include a Java process that its parent did not wait for.
    cpu = max(usage.ru_utime + usage.ru_stime, sampler.cpu)
    return Cost(wall, cpu, max(usage.ru_maxrss / 1024, sampler.peak_mb))


def say(text: str) -> None:
    """Print immediately, so that a long run shows its progress."""
    print(text, flush=True)  # noqa: T201 - a command that answers on the terminal


class _Sampler:
    """Samples the process tree ten times a second until stopped."""

    def __init__(self, pid: int) -> None:
        self.cpu = 0.0
        self.peak_mb = 0.0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            cpu, resident = 0.0, 0.0
            for pid in _tree(self._pid):
                with contextlib.suppress(OSError):
                    # The name, in brackets, can contain blanks.
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    cpu += sum(map(int, fields[11:15])) / _TICK
                    resident += int(fields[21]) * _PAGE / 2**20
            self.cpu = max(self.cpu, cpu)
            self.peak_mb = max(self.peak_mb, resident)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))
