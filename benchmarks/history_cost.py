"""Measure whether a week costs more with more history: the same week on a short and a long one.

The long history consists of copies of the newest built week at earlier dates, in every weekly
table. Both warehouses then build the same next week, alternating.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import duckdb
from measure import say, spend

COMMAND = Path(sys.executable).with_name("persona-access")
N_BUILT = 5


def main() -> None:
    """Build five weeks, lengthen a copy of their warehouse, time the sixth week on both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=260, help="length of the long history")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="persona-access-history-") as folder:
        home = Path(folder)
        short, long = home / "short.duckdb", home / "long.duckdb"
        prepare(home, short, given.employees)
        shutil.copyfile(short, long)
        n_rows, n_bytes = lengthen(long, given.weeks - N_BUILT)
        say(f"{n_bytes / n_rows:.1f} bytes a fact row and week, all weekly tables together")
        costs: dict[Path, list[float]] = {short: [], long: []}
        for number in range(1, given.runs + 1):
            for history, seconds in costs.items():
                target = home / "warehouse.duckdb"
                shutil.copyfile(history, target)
                seconds.append(run(home, "build"))
                say(f"run {number}: week {N_BUILT + 1} on {history.stem}: {seconds[-1]:.1f} s CPU")
        before, after = (statistics.median(seconds) for seconds in costs.values())
        say(
            f"week {given.weeks + 1} : week {N_BUILT + 1} = {after:.1f} : {before:.1f} s CPU = "
            f"{after / before:.2f}"
        )


def prepare(home: Path, warehouse: Path, n_employees: int) -> None:
    """Invent six weeks; load and build five of them, and load the sixth."""
    size = ("--employees", str(n_employees), "--applications", "400")
    personas = ("--personas", "200", "--applications-per-persona", "50")
    waiting = home / "waiting"
    run(home, "demo", "--weeks", str(N_BUILT + 1), "--out", str(waiting), *size, *personas)
    newest = sorted({file.stem[-10:] for file in waiting.glob("hr_headcount_*.csv")})[-1]
    drop = home / "drop"
    drop.mkdir(exist_ok=True)
    for file in sorted(waiting.glob("*.csv"), key=lambda file: newest in file.name):
        if newest in file.name and not (home / "warehouse.duckdb").exists():
            run(home, "load")
            say(f"{N_BUILT} weeks built in {run(home, 'build'):.1f} s CPU")
            shutil.copyfile(home / "warehouse.duckdb", warehouse)
        shutil.move(file, drop)
    run(home, "load")


def lengthen(warehouse: Path, n_weeks: int) -> tuple[int, int]:
    """Copy the newest week to earlier dates; returns the fact rows added and their bytes."""
    with duckdb.connect(warehouse) as connection:
        size_before = _bytes_used(connection)
        tables = connection.sql(
            """
            select schema_name || '.' || table_name from duckdb_columns()
            semi join duckdb_tables() using (schema_name, table_name)
            where
                column_name = 'as_of_date'
                and schema_name in ('intermediate', 'marts')
                -- One row for each person, not for each week: copies would repeat every person.
                and table_name <> 'int_employee_sightings'
            """
        ).fetchall()
        for (table,) in tables:
            (n_dates,) = _one(connection, f"select count(distinct as_of_date) from {table}")  # noqa: S608
            if n_dates < N_BUILT:
                continue
            for back in range(1, n_weeks + 1):
                connection.execute(
                    f"insert into {table} select * replace ("  # noqa: S608
                    f"(select min(as_of_date) from {table}) - 7 as as_of_date) from {table} "
                    f"where as_of_date = (select max(as_of_date) from {table})"
                )
                if back % 50 == 0:
                    connection.execute("checkpoint")
        connection.execute("checkpoint")
        (n_rows,) = _one(
            connection,
            "select count(*) from marts.fct_access_reconciliation "
            "where as_of_date = (select max(as_of_date) from marts.fct_access_reconciliation)",
        )
        return n_rows * n_weeks, _bytes_used(connection) - size_before


def _bytes_used(connection: duckdb.DuckDBPyConnection) -> int:
    connection.execute("checkpoint")
    used, block = _one(connection, "select used_blocks, block_size from pragma_database_size()")
    return int(used * block)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.sql(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row


def run(home: Path, *arguments: str) -> float:
    """Run a command of the project; return its CPU seconds, including child processes."""
    environment = {
        "PERSONA_ACCESS_HOME": str(home),
        "PERSONA_ACCESS_SETTLE_SECONDS": "0",
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    return spend([COMMAND, *arguments], environment, home / "output.log").cpu


if __name__ == "__main__":
    main()
