"""Run yardstick.sql on one week's files; the result is the only table of a new DuckDB file."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import duckdb
import yaml

SCRIPT = Path(__file__).with_suffix(".sql")
PROJECT = SCRIPT.parents[1]
SEEDS = PROJECT / os.environ.get("PERSONA_ACCESS_SEEDS", "seeds")


def run_yardstick(
    drop_zone: Path, as_of_date: str, out: Path, seeds: Path = SEEDS
) -> duckdb.DuckDBPyConnection:
    """Run the script into a new DuckDB file; return the connection, with its temporary tables."""
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
    variables = {
        "as_of_date": as_of_date,
        "drop_zone": str(drop_zone),
        "seeds": str(seeds),
        "missing_sla_days": settings["missing_sla_days"],
        "pretrained_min_precision": settings["pretrained_min_precision"],
        "non_human_brids": f"^({'|'.join(settings['non_human_brid_prefixes'])})",
    }
    out.unlink(missing_ok=True)
    connection = duckdb.connect(out, config={"storage_compatibility_version": "v1.5.0"})
    # The same limits as in profiles.yml of the project.
    connection.execute("set threads = 2")
    connection.execute(
        "set memory_limit = ?", [os.environ.get("PERSONA_ACCESS_MEMORY_LIMIT", "4GB")]
    )
    days = [f"'{reason}': {n_days}" for reason, n_days in settings["finding_sla_days"].items()]
    connection.execute(f"set variable finding_sla_days = map {{{', '.join(days)}}}")
    for name, value in variables.items():
        connection.execute(f"set variable {name} = ?", [value])
    connection.execute(SCRIPT.read_text("utf-8"))
    return connection


def main() -> None:
    """Read the arguments and run the script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drop_zone", type=Path, help="folder with the four CSV files of the week")
    parser.add_argument("as_of_date", help="the date in their names, YYYY-MM-DD")
    parser.add_argument("out", type=Path, help="DuckDB file to write")
    given = parser.parse_args()
    run_yardstick(given.drop_zone, given.as_of_date, given.out).close()


if __name__ == "__main__":
    main()
