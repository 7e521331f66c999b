"""Measure the time of the weekly job and of scripts that only compute its answer, alternating.

All start only from the CSV files of one week. Answers must be equal, row for row.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from measure import Cost, say, spend

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
COMMAND = PROJECT / ".venv/bin/persona-access"
DBT = PROJECT / ".venv/bin/dbt"
# The rivals have their own environment, from benchmarks/uv.lock.
PYTHON = sys.executable
SIZES = {
    "S": ["--employees", "5000"],
    # A fifth of M.
    "F": [
        *("--employees", "20000", "--applications", "400"),
        *("--personas", "200", "--applications-per-persona", "50"),
    ],
    "M": [
        *("--employees", "100000", "--applications", "400"),
        *("--personas", "200", "--applications-per-persona", "50"),
    ],
    "L": [
        *("--employees", "1000000", "--applications", "400"),
        *("--personas", "200", "--applications-per-persona", "50"),
    ],
}
RIVALS = ("pandas_typical", "pandas_tuned", "polars_lazy", "spark_local", "scan_and_write")
# Sides whose answer is a table in a DuckDB file, with the path of the file.
TABLES = {
    "project": ("home/warehouse.duckdb", "marts.fct_access_reconciliation"),
    "project_without_tests": ("home/warehouse.duckdb", "marts.fct_access_reconciliation"),
    "yardstick": ("yardstick.duckdb", "fct_access_reconciliation"),
}
SIDES = (*TABLES, *RIVALS)
# The columns of the rivals' answers; the project and the yardstick have all columns.
ANSWER = """
    select
        brid, application_id, reconciliation_status, reconciliation_reason, orphan_detail,
        disposition, requirement, is_expected, is_granted, n_grant_rows::bigint as n_grant_rows
    from {table}
"""


@dataclass(frozen=True)
class Week:
    """The files of one week, the prepared tables for the rivals, and the output folder."""

    size: str
    drop_zone: Path
    as_of_date: str
    work: Path

    @property
    def environment(self) -> dict[str, str]:
        """Settings of the project; dbt's parsed project stays in `work`, as between real weeks."""
        return {
            "PERSONA_ACCESS_PROJECT": str(PROJECT),
            "PERSONA_ACCESS_HOME": str(self.work / "home"),
            # The same as in `persona-access build`: dbt parses again if they change.
            "PERSONA_ACCESS_WAREHOUSE": str(self.work / "home/warehouse.duckdb"),
            "PERSONA_ACCESS_TARGET": "dev",
            "PERSONA_ACCESS_SEEDS": os.environ.get("PERSONA_ACCESS_SEEDS", "seeds"),
            "PERSONA_ACCESS_MEMORY_LIMIT": os.environ.get("PERSONA_ACCESS_MEMORY_LIMIT", "4GB"),
            "PERSONA_ACCESS_THREADS": os.environ.get("PERSONA_ACCESS_THREADS", "1"),
            "DBT_TARGET_PATH": str(self.work / "target"),
            "DBT_LOG_PATH": str(self.work / "logs"),
        }

    def run(self, *command: object) -> Cost:
        """Run a command, its output into a log in `work`."""
        return spend(command, self.environment, self.work / "commands.log")

    def run_dbt(self, *arguments: str) -> Cost:
        """Run dbt as `persona-access build` does."""
        return spend(
            [
                *(DBT, *arguments, "--log-level", "none", "--no-write-json"),
                *("--project-dir", PROJECT, "--profiles-dir", PROJECT),
            ],
            {**self.environment, "PERSONA_ACCESS_AS_OF_DATE": self.as_of_date},
            self.work / "commands.log",
        )


def main() -> None:
    """Create or use the files, run all sides, compare the answers, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, nargs="+", default=["S"], help="banks to generate")
    parser.add_argument("--side", choices=SIDES, nargs="+", default=list(SIDES))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, help="folder for everything written (kept)")
    parser.add_argument("--drop-zone", type=Path, help="files of one week, instead of a new bank")
    parser.add_argument("--results", type=Path, help="add the measures to this JSON file")
    given = parser.parse_args()

    work = given.work or Path(tempfile.mkdtemp(prefix="persona-access-benchmark-"))
    measures: list[dict[str, object]] = []
    for size in ["own"] if given.drop_zone else given.size:
        week = prepare((work / size).absolute(), size, given.drop_zone)
        if set(given.side) & set(RIVALS):
            week.run(
                *(PYTHON, HERE / "prepare.py"),
                *(week.drop_zone, week.as_of_date, week.work / "prepared"),
            )
        costs: dict[str, list[Cost]] = defaultdict(list)
        checksums, whole_checksums = {}, {}
        for run in range(1, given.runs + 1):
            for side in given.side:
                for step, cost in run_side(week, side):
                    costs[step].append(cost)
                    say(
                        f"{size} run {run}: {step:30} {cost.wall:8.1f} s wall {cost.cpu:8.1f} s CPU"
                        f" {cost.peak_mb:8.0f} MB"
                    )
                if side != "scan_and_write":
                    checksums[side] = checksum(*answer(week, side))
                if side in TABLES:
                    whole_checksums[side] = checksum(*answer(week, side, "select * from {table}"))
        if len(set(checksums.values())) > 1 or len(set(whole_checksums.values())) > 1:
            show_differences(week, checksums, ANSWER)
            show_differences(week, whole_checksums, "select * from {table}")
            sys.exit("The answers differ, so the times mean nothing.")
        rows = next(iter(checksums.values()), (0, 0))[0]
        say(f"{size}: the same {rows:,} rows from {', '.join(checksums)}")
        say(f"{size}: all their columns equal in {', '.join(whole_checksums)}")
        measures += [
            {"size": size, "rows": rows, "step": step, "runs": len(taken), **asdict(median(taken))}
            for step, taken in costs.items()
        ]
    if given.results:
        keep(given.results, measures)
    if given.work is None:
        shutil.rmtree(work)


def prepare(work: Path, size: str, drop_zone: Path | None) -> Week:
    """Generate the bank, with the same bytes every time, or use the given files."""
    work.mkdir(parents=True, exist_ok=True)
    folder = (drop_zone or work / "drop").absolute()
    if not folder.is_dir():
        spend(
            [COMMAND, "demo", "--weeks", "1", "--out", folder, *SIZES[size]],
            {"PERSONA_ACCESS_PROJECT": str(PROJECT), "PERSONA_ACCESS_HOME": str(work / "home")},
            work / "commands.log",
        )
    dates = [path.stem.rpartition("_")[2] for path in folder.glob("hr_headcount_*.csv")]
    if len(dates) != 1:
        sys.exit(f"{folder} holds {len(dates)} files hr_headcount_*.csv: give one week.")
    week = Week(size, folder, dates[0], work)
    # A project is parsed when it changes, not every week.
    week.run_dbt("parse")
    return week


def run_side(week: Week, side: str) -> Iterator[tuple[str, Cost]]:
    """Run one side from the start; yield the cost of each step, and the sum."""
    if side == "yardstick":
        script = HERE / "yardstick.py"
        out = week.work / "yardstick.duckdb"
        yield side, week.run(PYTHON, script, week.drop_zone, week.as_of_date, out)
    elif side in RIVALS:
        out = week.work / f"{side}.parquet"
        if out.is_dir():
            shutil.rmtree(out)
        yield (
            side,
            week.run(
                PYTHON,
                HERE / "rivals" / f"{side}.py",
                *(week.drop_zone, week.as_of_date, week.work / "prepared", out),
            ),
        )
    else:
        shutil.rmtree(week.work / "home", ignore_errors=True)
        load = week.run(
            *(COMMAND, "load", "--leave-files", "--settle-seconds", "0"),
            *("--drop-zone", week.drop_zone),
        )
        if side == "project":
            build = week.run(COMMAND, "build")
            yield "load", load
            yield "build", build
        else:
            build = week.run_dbt(
                *("build", "--exclude-resource-type", "unit_test"),
                *("--exclude-resource-type", "test"),
            )
            yield "build_without_tests", build
        yield side, load + build
        if side == "project":
            again = week.run(
                *(COMMAND, "load", "--leave-files", "--settle-seconds", "0"),
                *("--drop-zone", week.drop_zone),
            )
            yield "the_same_files_again", again + week.run(COMMAND, "build")


def answer(week: Week, side: str, columns: str = ANSWER) -> tuple[str, str]:
    """Return the database to attach, and the query of a side's answer."""
    if side in TABLES:
        path, table = TABLES[side]
        attach = f"attach if not exists '{week.work / path}' as {side} (read_only)"
        return attach, columns.format(table=f"{side}.{table}")
    parquet = week.work / f"{side}.parquet"
    files = f"{parquet}/*.parquet" if parquet.is_dir() else str(parquet)
    return "", columns.format(table=f"read_parquet('{files}')")


def checksum(attach: str, query: str) -> tuple[int, int]:
    """Count and sum the hashes of an answer's rows, so that their order does not matter."""
    with duckdb.connect() as connection:
        connection.execute(attach or "select 1")
        n_rows, total = connection.execute(
            f"select count(*), sum(hash(answer)::hugeint) from ({query}) as answer"  # noqa: S608
        ).fetchone() or (0, 0)
    return int(n_rows), int(total)


def show_differences(week: Week, checksums: dict[str, tuple[int, int]], columns: str) -> None:
    """Show the first rows in which a side differs from the yardstick."""
    with duckdb.connect() as connection:
        attach, truth = answer(week, "yardstick", columns)
        connection.execute(attach)
        for side, found in checksums.items():
            if found == checksums.get("yardstick"):
                continue
            attach, query = answer(week, side, columns)
            connection.execute(attach or "select 1")
            for what, one, other in (("only in", query, truth), ("not in", truth, query)):
                say(f"{what} {side}:")
                only = f"{one} except all {other} order by all limit 5"
                for row in connection.execute(only).fetchall():
                    say(f"  {row}")


def median(costs: list[Cost]) -> Cost:
    """Return the medians of all runs."""
    return Cost(
        *(statistics.median(getattr(c, what) for c in costs) for what in ("wall", "cpu", "peak_mb"))
    )


def keep(path: Path, measures: list[dict[str, object]]) -> None:
    """Add measures to a JSON file; those of the same commit, size and step replace the old ones."""
    known = json.loads(path.read_text("utf-8")) if path.exists() else []
    for measure in measures:
        measure["measured_on"] = datetime.now(UTC).date().isoformat()
        measure["commit"] = commit_of(PROJECT)
        measure["machine"] = f"{os.cpu_count()} CPUs ({cpu_name()}), load {os.getloadavg()[2]:.0f}"

    def what(measure: dict[str, object]) -> tuple[object, ...]:
        return measure["size"], measure["step"], measure["commit"]

    new = {what(measure) for measure in measures}
    kept = [measure for measure in known if what(measure) not in new]
    path.write_text(json.dumps(kept + measures, indent=1) + "\n", "utf-8")


def commit_of(project: Path) -> str:
    """Return the commit of a checkout, shortened; empty outside git."""
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()


def cpu_name() -> str:
    """Return the name of the processor."""
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
