"""Kill weekly runs at random, and compare the result of the run that completes.

From tests/python, for 30 kills at the demo's size, or fewer on files of your own:

    ../../.venv/bin/python -m scenarios.kills --kills 30
    ../../.venv/bin/python -m scenarios.kills --kills 3 --longest 80 --drop-zone /path/to/files

A week's work is started repeatedly in one home, and killed each time after a random share of CPU
time, until a run completes. Then everything that it left is compared with a home in which nothing
was killed. Linux only: it reads CPU times from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer

from persona_access.base.content_hash import ContentHash, content_hash
from persona_access.base.warehouse import reading

# Columns with times; everything else must be the same.
CLOCK = ("loaded_at", "batch", "dbt_updated_at", "dbt_scd_id")
_TICKS = os.sysconf("SC_CLK_TCK")


def run_killed(
    arguments: list[str],
    environment: Mapping[str, str],
    is_time: Callable[[float], bool],
    by: signal.Signals = signal.SIGKILL,
) -> bool:
    """Start a command, end it when `is_time` of its CPU seconds, and return whether it was ended.

    Raises RuntimeError if the command itself fails.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "persona_access", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    is_sent = False
    while process.poll() is None:
        if not is_sent and is_time(_cpu_seconds(process.pid)):
            process.send_signal(by)
            is_sent = True
        time.sleep(0.02)
    output, _ = process.communicate()
    if process.returncode not in (0, -signal.SIGKILL, 128 + signal.SIGTERM):
        raise RuntimeError(output)
    return process.returncode != 0


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:13])) / _TICKS


def records(home: Path) -> list[dict[str, Any]]:
    """Read the records of runs, in order."""
    files = (home / "runs").glob("*.json")
    return [
        json.loads(file.read_text())
        for file in sorted(files, key=lambda file: int(file.stem.rpartition("_")[2]))
    ]


def contents(home: Path) -> dict[str, ContentHash]:
    """Hash everything that a run leaves: warehouse, raw layer, ledger, release."""
    with reading(home / "warehouse.duckdb") as connection:
        tables = connection.sql(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('marts', 'snapshots', 'intermediate') "
            "and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        found = {name: content_hash(connection, name, without=CLOCK) for (name,) in tables}
        for folder in sorted((home / "raw").glob("*/extract_date=*/version=*")):
            rows = f"read_parquet('{folder}/rows.parquet')"
            found[str(folder.relative_to(home))] = content_hash(connection, rows, without=CLOCK)
        ledger = f"read_json('{home}/raw/load_ledger/*.json', union_by_name = true)"
        found["load_ledger"] = content_hash(connection, ledger, without=CLOCK)
        for mart in sorted((home / "published" / "current" / "marts").glob("*.parquet")):
            rows = f"read_parquet('{mart}')"
            found[f"release/{mart.stem}"] = content_hash(connection, rows, without=CLOCK)
    return found


def main() -> None:
    """Kill runs, continue, compare, and print the interrupted steps."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        drop_zone = options.drop_zone or _demo(Path(work) / "drop", options)
        due = max(file.name.split("_")[-1][:10] for file in drop_zone.iterdir())
        command = ["run", "--due", due, *(["--no-publish"] if options.no_publish else [])]
        chance = random.Random(options.seed)  # noqa: S311 - no secret
        started = os.times()
        run_killed(command, _home(Path(work) / "whole", drop_zone), lambda _: False)
        cpu = os.times().children_user - started.children_user
        expected = contents(Path(work) / "whole")
        typer.echo(f"never killed: {cpu:.0f} CPU s, {len(expected)} contents")
        n_kills = n_homes = 0
        while n_kills < options.kills:
            n_homes += 1
            path = Path(work) / f"killed_{n_homes}"
            home = _home(path, drop_zone)
            while True:
                moment = chance.uniform(0.5, options.longest)
                if n_kills == options.kills:
                    moment = float("inf")
                by = chance.choice([signal.SIGKILL, signal.SIGTERM])
                if not run_killed(command, home, moment.__le__, by):
                    break
                n_kills += 1
                died = (records(path) or [{"step": "before its record", "weeks": []}])[-1]
                typer.echo(
                    f"{by.name} {n_kills}: {moment:.1f} CPU s, {died['step']}, "
                    f"{len(died['weeks'])} weeks built by it",
                )
            found = contents(path)
            wrong = [name for name in expected | found if expected.get(name) != found.get(name)]
            if wrong:
                raise SystemExit(f"home {n_homes} differs in {', '.join(wrong)}")
            typer.echo(f"home {n_homes}: the same {len(found)} contents")
            shutil.rmtree(path)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--longest", type=float, default=30.0, help="CPU seconds until a kill")
    parser.add_argument("--drop-zone", type=Path, help="files to run; the demo's unless given")
    parser.add_argument("--no-publish", action="store_true", help="leave out the last step")
    parser.add_argument("--employees", type=int, default=2000)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--work", type=Path, help="where to work; the system's temporary folder")
    return parser.parse_args()


def _demo(folder: Path, options: argparse.Namespace) -> Path:
    size = ["--employees", str(options.employees), "--weeks", str(options.weeks)]
    arguments = ["demo", *size, "--out", str(folder)]
    run_killed(arguments, {}, lambda _: False)
    return folder


def _home(home: Path, drop_zone: Path) -> dict[str, str]:
    shutil.copytree(drop_zone, home / "drop")
    return {
        "PERSONA_ACCESS_HOME": str(home),
        "PERSONA_ACCESS_SETTLE_SECONDS": "0",
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
    }


if __name__ == "__main__":
    main()
