"""A raw layer of an earlier release lacks columns and feeds; `load` adds them."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from scenarios.bank import WEEKS
from scenarios.project import Project


def strip(file: Path, column: str) -> None:
    """Remove a column from a landed file."""
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * exclude ({column}) from read_parquet('{file}', "
            f"hive_partitioning = false)) to '{file}.new' (format parquet)"
        )
    Path(f"{file}.new").replace(file)


def test_load_fits_the_raw_layer_of_an_earlier_release(built_bank: Project, tmp_path: Path) -> None:
    bank = built_bank.copy(tmp_path / "project")
    # Files of a feed need the column only if they have values for it; the empty contract always has
    # it.
    strip(
        bank.settings.raw / "hr_headcount/extract_date=0001-01-01/version=0/rows.parquet",
        "attributes",
    )
    shutil.rmtree(bank.settings.raw / "review_decisions")
    read_people = ("run", "--select", "stg_hr__employees")

    refused = bank._dbt.invoke(*read_people, week=WEEKS[3])
    assert "is of an earlier release: it has no hr_headcount.attributes" in str(refused.exception)
    assert "Run `persona-access load` once" in str(refused.exception)
    assert bank.run("load").exit_code == 0
    assert bank._dbt.invoke(*read_people, week=WEEKS[3]).success
    (people,) = bank.query(
        "select count(*) as n_rows, count(attributes) as n_attributes from raw.hr_headcount"
    )
    assert people["n_rows"] > 100
    assert people["n_attributes"] == 0
