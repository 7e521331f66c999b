"""Time the project's weekly job beside the yardstick, on the same files, alternating.

Both start from the CSV files of one week and nothing else. Their answers must be equal.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
COMMAND = Path(sys.executable).with_name("persona-access")
SIZES = {
    "S": ["--employees", "5000"],
    "M": [
        *("--employees", "100000", "--applications", "400"),
        *("--personas", "200", "--applications-per-persona", "50"),
    ],
}
ANSWER = """
    select
        brid, application_id, reconciliation_status, reconciliation_reason, orphan_detail,
        disposition, requirement, is_expected, is_granted, n_grant_rows::bigint as n_grant_rows
    from {table}
"""


@dataclass(frozen=True)
class Cost:
    """What a process and its children took: wall and CPU seconds, and the largest one's memory."""

    wall: float
    cpu: float
    peak_mb: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak_mb, other.peak_mb))


def main() -> None:
    """Make or take the files, run both sides in turn, compare the answers, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="S", help="bank to generate")
    parser.add_argument("--drop-zone", type=Path, help="files of one week, instead of a new bank")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, help="folder for everything written (kept)")
    given = parser.parse_args()

    work = given.work or Path(tempfile.mkdtemp(prefix="persona-access-benchmark-"))
    work.mkdir(parents=True, exist_ok=True)
    drop_zone = (given.drop_zone or generate(work / f"drop-{given.size}", given.size)).resolve()
    costs: dict[str, list[Cost]] = {"load": [], "build": [], "project": [], "yardstick": []}
    for run in range(1, given.runs + 1):
        for step, cost in run_both(work, drop_zone, as_of_date(drop_zone)):
            costs[step].append(cost)
            say(f"run {run}: {step:9} {cost.wall:7.1f} s wall {cost.cpu:7.1f} s CPU")
        compare(work)
    report(costs)
    if given.work is None:
        shutil.rmtree(work)


def generate(folder: Path, size: str) -> Path:
    """Write the demo bank's first week; returns its folder. An earlier one is taken as it is."""
    if not folder.is_dir():
        command = [COMMAND, "demo", "--weeks", "1", "--out", folder, *SIZES[size]]
        spend(command, folder.parent)
    return folder


def as_of_date(drop_zone: Path) -> str:
    """Return the date of the one week in the folder."""
    dates = [path.stem.rpartition("_")[2] for path in drop_zone.glob("hr_headcount_*.csv")]
    if len(dates) != 1:
        sys.exit(f"{drop_zone} holds {len(dates)} files hr_headcount_*.csv: give one week.")
    return dates[0]


def run_both(work: Path, drop_zone: Path, date: str) -> Iterator[tuple[str, Cost]]:
    """Run the project from an empty home, then the yardstick; yields what each step took."""
    home = work / "home"
    shutil.rmtree(home, ignore_errors=True)
    load = spend(
        [COMMAND, "load", "--leave-files", "--settle-seconds", "0", "--drop-zone", drop_zone], work
    )
    yield "load", load
    build = spend([COMMAND, "build"], work)
    yield "build", build
    yield "project", load + build
    script = [sys.executable, HERE / "yardstick.py", drop_zone, date, work / "yardstick.duckdb"]
    yield "yardstick", spend(script, work)


def spend(command: Sequence[object], work: Path) -> Cost:
    """Run a command, its output to a log in `work`; exits when it fails.

    dbt keeps its parsed project in `work` between runs, as it does from week to week.
    """
    environment = {
        **os.environ,
        "PERSONA_ACCESS_PROJECT": str(HERE.parent),
        "PERSONA_ACCESS_HOME": str(work / "home"),
        "DBT_TARGET_PATH": str(work / "target"),
        "DBT_LOG_PATH": str(work / "logs"),
    }
    log = work / "commands.log"
    with log.open("ab") as output:
        started = time.monotonic()
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), fd) for fd in (1, 2)]
        arguments = [str(part) for part in command]
        child = os.posix_spawn(arguments[0], arguments, environment, file_actions=actions)
        _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(arguments)} failed: see {log}.")
    return Cost(
        wall=time.monotonic() - started,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
    )


def compare(work: Path) -> None:
    """Exit with the first rows that differ when the two answers are not the same rows."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{work}/home/warehouse.duckdb' as project (read_only)")
        connection.execute(f"attach '{work}/yardstick.duckdb' as yardstick (read_only)")
        answers = {
            side: ANSWER.format(table=f"{side}.{table}")
            for side, table in {
                "project": "marts.fct_access_reconciliation",
                "yardstick": "fct_access_reconciliation",
            }.items()
        }
        # Hashes of rows are summed, so that the order of rows does not count.
        sums = {
            side: connection.execute(
                f"select count(*), sum(hash(answer)::hugeint) from ({query}) as answer"  # noqa: S608
            ).fetchone()
            for side, query in answers.items()
        }
        if sums["project"] == sums["yardstick"]:
            n_rows, checksum = sums["project"] or (0, 0)
            say(f"the same {n_rows:,} rows, checksum {checksum}")
            return
        for side, other in (("project", "yardstick"), ("yardstick", "project")):
            only = f"{answers[side]} except all {answers[other]} order by all limit 10"
            say(f"only in the {side}:")
            for row in connection.execute(only).fetchall():
                say(f"  {row}")
    sys.exit("The answers differ, so the times mean nothing.")


def report(costs: dict[str, list[Cost]]) -> None:
    """Print the medians of all runs and the ratios of the project to the yardstick."""

    def median(step: str, what: str) -> float:
        return float(statistics.median(getattr(cost, what) for cost in costs[step]))

    say(f"\n{'median':12}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}")
    for step in costs:
        figures = (median(step, what) for what in ("wall", "cpu", "peak_mb"))
        say(f"{step:12}" + "".join(f"{figure:10.1f}" for figure in figures))
    ratios = (
        median("project", what) / median("yardstick", what) for what in ("wall", "cpu", "peak_mb")
    )
    say(f"{'ratio':12}" + "".join(f"{ratio:10.2f}" for ratio in ratios))


def say(text: str) -> None:
    """Print at once, so that a long run shows where it is."""
    print(text, flush=True)  # noqa: T201 - a command that answers on the terminal


if __name__ == "__main__":
    main()
