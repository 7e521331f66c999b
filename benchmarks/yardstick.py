"""Run yardstick.sql on one week's files; the result is the only table of a new DuckDB file."""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import yaml

SCRIPT = Path(__file__).with_suffix(".sql")
PROJECT = SCRIPT.parents[1]


def main() -> None:
    """Read the arguments, hand them to the script as variables, and run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drop_zone", type=Path, help="folder with the four CSV files of the week")
    parser.add_argument("as_of_date", help="the date in their names, YYYY-MM-DD")
    parser.add_argument("out", type=Path, help="DuckDB file to write")
    parser.add_argument("--seeds", type=Path, default=PROJECT / "seeds")
    parser.add_argument("--memory-limit", default="4GB")
    given = parser.parse_args()

    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
    variables = {
        "as_of_date": given.as_of_date,
        "drop_zone": str(given.drop_zone),
        "seeds": str(given.seeds),
        "missing_sla_days": settings["missing_sla_days"],
        "pretrained_min_precision": settings["pretrained_min_precision"],
        "non_human_brids": f"^({'|'.join(settings['non_human_brid_prefixes'])})",
    }
    given.out.unlink(missing_ok=True)
    with duckdb.connect(given.out) as connection:
        # What profiles.yml gives the project.
        connection.execute("set threads = 2")
        connection.execute("set memory_limit = ?", [given.memory_limit])
        for name, value in variables.items():
            connection.execute(f"set variable {name} = ?", [value])
        connection.execute(SCRIPT.read_text("utf-8"))


if __name__ == "__main__":
    main()
