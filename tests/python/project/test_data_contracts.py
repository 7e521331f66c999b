"""The data contracts match the YAML, and conform to their standard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import data_contracts
from persona_access.base.dbt import DbtProject
from persona_access.base.settings import load_settings
from persona_access.outputs.release.catalogue import published_marts


@pytest.fixture(scope="module")
def project() -> DbtProject:
    return DbtProject(load_settings())


@pytest.fixture(scope="module")
def manifest(project: DbtProject) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(
        json.dumps(project.manifest.writable_manifest().to_dict(omit_none=False), default=str)
    )
    return written


def test_both_contracts_are_written_and_follow_the_standard(
    manifest: dict[str, Any], project: DbtProject, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert data_contracts.main(str(tmp_path / "manifest.json"), str(tmp_path / "contracts")) == 0
    contracts = {
        file.name: yaml.safe_load(file.read_text("utf-8"))
        for file in (tmp_path / "contracts").iterdir()
    }
    feeds = {each["name"]: each for each in contracts["feeds.odcs.yaml"]["schema"]}
    assert feeds.keys() >= {"hr_headcount", "iam_app_registry", "persona_list"}
    status = {each["name"]: each for each in feeds["hr_headcount"]["properties"]}[
        "employment_status"
    ]
    assert "on leave" in status["quality"][0]["arguments"]["validValues"]

    marts = {each["name"]: each for each in contracts["marts.odcs.yaml"]["schema"]}
    published = published_marts(project.manifest)
    assert {
        name: [column["name"] for column in mart["properties"]] for name, mart in marts.items()
    } == {name: list(mart.columns) for name, mart in published.items()}
    people = {each["name"]: each for each in marts["dim_employees"]["properties"]}
    assert people["brid"]["primaryKeyPosition"] == 1
    assert people["full_name"]["classification"] == "restricted"
    roles = {each["role"] for each in contracts["marts.odcs.yaml"]["roles"]}
    assert roles == {role for mart in published.values() for role in mart.audience}


def test_what_does_not_follow_the_standard_is_named(manifest: dict[str, Any]) -> None:
    contract = data_contracts.feeds(manifest)
    assert contract.schema_ is not None
    properties = contract.schema_[0].properties
    assert properties is not None
    properties[0].logicalType = "text"
    (fault,) = data_contracts.faults(contract)
    assert fault.startswith("feeds: schema.0.properties.0.logicalType: 'text' is not one of")
