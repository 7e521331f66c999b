"""Exposures name exactly the marts that are read: wrong lineage hides who a change affects."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from persona_access.outputs.evidence import queries
from persona_access.outputs.report import tables
from persona_access.outputs.tableau import WORKBOOK
from persona_access.outputs.tableau.dashboards import DASHBOARDS
from persona_access.outputs.work_lists import write_work_lists

Columns = dict[str, list[str]]
# A mart at the start of a string, or after from or join.
MART_IN_QUERY = re.compile(r"(?:from |join |\")((?:dim|fct|rpt)_\w+)")


@pytest.fixture(scope="module")
def exposures(project_root: Path) -> dict[str, Any]:
    declared = yaml.safe_load((project_root / "models/marts/_exposures.yml").read_text("utf-8"))
    return {exposure["name"]: exposure for exposure in declared["exposures"]}


def marts_of(exposure: dict[str, Any]) -> list[str]:
    """Name the marts that an exposure depends on."""
    return [re.findall(r"ref\('(\w+)'\)", text)[0] for text in exposure["depends_on"]]


def columns_of(exposure: dict[str, Any]) -> Columns:
    return dict(exposure["config"]["meta"]["columns"])


def test_the_web_report_names_the_marts_that_it_opens(exposures: dict[str, Any]) -> None:
    folder = Path(tables.__file__).parent
    opened = {
        name
        for file in (*folder.glob("*.py"), *folder.glob("*.sql"))
        for name in MART_IN_QUERY.findall(file.read_text("utf-8"))
    }
    assert marts_of(exposures["web_report"]) == sorted(opened)


def test_the_evidence_pack_names_the_marts_that_it_asks(exposures: dict[str, Any]) -> None:
    asked = {
        name
        for query in queries.MEMBERS.values()
        for name in re.findall(r"(?:marts|reporting)\.(\w+)", query)
    }
    assert marts_of(exposures["evidence_pack"]) == sorted(asked)


def write_marts(project_root: Path, folder: Path, columns: Columns) -> None:
    """Write marts without rows, with these columns in the types of their contracts."""
    with duckdb.connect() as connection:
        for mart, names in columns.items():
            (file,) = project_root.glob(f"models/*/*/{mart}.yml")
            (model,) = yaml.safe_load(file.read_text("utf-8"))["models"]
            types = {column["name"]: column["data_type"] for column in model["columns"]}
            empty = ", ".join(f"null::{types[name]} as {name}" for name in names) or "1 as other"
            connection.sql(f"copy (select {empty} where false) to '{folder / mart}.parquet'")


def test_work_lists_name_every_column_that_they_read_and_no_other(
    exposures: dict[str, Any], project_root: Path, tmp_path: Path
) -> None:
    columns = columns_of(exposures["work_lists"])
    assert marts_of(exposures["work_lists"]) == list(columns)
    write_marts(project_root, tmp_path, columns)
    # Without a row, there is no week to name, but no table that is read is missing.
    out = tmp_path / "out"
    out.mkdir()
    write_work_lists(tmp_path, out)
    for mart, names in columns.items():
        for name in names:
            kept = [other for other in names if other != name]
            write_marts(project_root, tmp_path, {mart: kept})
            with pytest.raises(duckdb.BinderException, match=name):
                write_work_lists(tmp_path, out)
        write_marts(project_root, tmp_path, {mart: names})


def test_every_exposure_has_a_producer(exposures: dict[str, Any]) -> None:
    dashboards = {board.exposure for board in DASHBOARDS}
    assert exposures.keys() == dashboards | {"web_report", "work_lists", "evidence_pack"}


def test_every_exposure_has_an_address_in_a_release(exposures: dict[str, Any]) -> None:
    below = "{{ env_var('PERSONA_ACCESS_READERS_URL', 'published/current') }}/"
    places = dict.fromkeys(exposures, f"tableau/{WORKBOOK}")
    places |= {
        "web_report": "report/index.html",
        "work_lists": "work_lists",
        "evidence_pack": "../../evidence",
    }
    assert {name: exposure["url"] for name, exposure in exposures.items()} == {
        name: below + place for name, place in places.items()
    }
