"""Record each run in a JSON file that is rewritten at every step; the warehouse reads it."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from persona_access.base.errors import MachineError
from persona_access.base.files import write_atomically

Result = Literal["running", "published", "built", "nothing_new", "stopped", "failed", "interrupted"]
GOOD: tuple[Result, ...] = ("published", "built", "nothing_new")
_PACKAGES = ("persona-access", "dbt-core", "dbt-duckdb", "duckdb")


@dataclass
class RunRecord:
    """The options, steps and result of one run. Dates are ISO text, times UTC, durations seconds.

    `gates` are the gates that stopped the run, each with sentences. `accepted` are the gates that
    were lifted for this week, with the reason. `new_causes` has a sentence for each large cause of
    findings that is new this week. No field names a person.
    """

    run_id: str
    started_at: str
    due_date: str
    process: str
    commit: str
    versions: dict[str, str]
    ended_at: str | None = None
    as_of_date: str | None = None
    step: str = "load"
    result: Result = "running"
    step_seconds: dict[str, float] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    late_feeds: list[str] = field(default_factory=list)
    weeks: list[dict[str, Any]] = field(default_factory=list)
    failed_tests: list[str] = field(default_factory=list)
    gates: dict[str, list[str]] = field(default_factory=dict)
    accepted: list[dict[str, str]] = field(default_factory=list)
    new_causes: list[str] = field(default_factory=list)
    release: str | None = None
    error: str | None = None

    @property
    def n_refused(self) -> int:
        """Return the number of refused files."""
        return sum(file["outcome"] == "refused" for file in self.files)


class RunRecords:
    """The records below one home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "runs"

    def start(self, due: dt.date, commit: str) -> RunRecord:
        """Create and write a record, so that a killed run has one."""
        now = dt.datetime.now(dt.UTC)
        record = RunRecord(
            # The name has a sequence number, so that a clock set back never overwrites a record.
            run_id=f"{now:%Y-%m-%dT%H%M%SZ}_{len(self._files()) + 1}",
            started_at=_utc(now),
            due_date=due.isoformat(),
            process=f"{os.getpid()} on {socket.gethostname()}",
            commit=commit,
            versions={package: version(package) for package in _PACKAGES},
        )
        self.write(record)
        return record

    def write(self, record: RunRecord) -> None:
        """Write the current state of the record."""
        write_atomically(
            self._folder / f"{record.run_id}.json", json.dumps(asdict(record), indent=2) + "\n"
        )

    def end(self, record: RunRecord, result: Result) -> None:
        """Record the end of the run."""
        record.result = result
        record.ended_at = _utc(dt.datetime.now(dt.UTC))
        self.write(record)

    def close_interrupted(self) -> RunRecord | None:
        """Mark the records of killed runs, and return the last of them.

        The caller must hold the lock of the runs: then every record with `running` is of a killed
        run.
        """
        interrupted = [record for record in self.all() if record.result == "running"]
        for record in interrupted:
            record.result = "interrupted"
            self.write(record)
        return interrupted[-1] if interrupted else None

    def all(self) -> list[RunRecord]:
        """Read every record, in the order of the runs.

        Raises MachineError if a record cannot be read.
        """
        return [self._read(file) for file in self._files()]

    def _files(self) -> list[Path]:
        files = self._folder.glob("*.json")
        return sorted(files, key=lambda file: int(file.stem.rpartition("_")[2]))

    def _read(self, file: Path) -> RunRecord:
        try:
            return RunRecord(**json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise MachineError(
                f"The run record {file} cannot be read ({error}): restore it from a backup or "
                "move it away; the run did not start."
            ) from error


def _utc(moment: dt.datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
