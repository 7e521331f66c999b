"""dbt-bouncer finds each planted violation of dbt-bouncer.yml, and none in the project."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
Node = dict[str, Any]
NO_NODES: Node = {"nodes": [], "macros": []}


def reading(parent: str) -> Node:
    """Return the dependencies of a node that only reads this one."""
    kind, _, name = parent.partition(".")
    return {"depends_on": {"nodes": [f"{kind}.persona_access.{name}"], "macros": []}}


# For each check: the node that breaks it, and the change of the node.
PLANTED: dict[str, tuple[str, Node]] = {
    "check_model_description_populated": ("model.int_brids", {"description": ""}),
    "check_model_column_description_populated": (
        "model.int_employees",
        {"columns": {"brid": {"name": "brid", "description": ""}}},
    ),
    "check_seed_description_populated": ("seed.waivers", {"description": ""}),
    "check_snapshot_description_populated": ("snapshot.snap_waivers", {"description": ""}),
    "check_source_description_populated": ("source.hr.hr_headcount", {"description": ""}),
    "check_source_top_level_description_populated": (
        "source.personas.persona_list",
        {"source_description": ""},
    ),
    "check_exposure_description_populated": ("exposure.web_report", {"description": ""}),
    "check_model_description_contains_regexp_pattern": (
        "model.int_applications",
        {"description": "Applications that somebody mentions."},
    ),
    "check_model_names": ("model.stg_hr__employees", {"name": "staged_employees"}),
    "check_snapshot_names": ("snapshot.snap_headcount", {"name": "headcount_history"}),
    "check_model_directories": (
        "model.fct_loads",
        {"original_file_path": "models/elsewhere/fct_loads.sql"},
    ),
    "check_model_property_file_location": (
        "model.int_personas",
        {"patch_path": "persona_access://models/intermediate/personas/all.yml"},
    ),
    "check_model_schema_name": ("model.dim_personas", {"schema": "elsewhere"}),
    "check_lineage_permitted_upstream_models": (
        "model.dim_applications",
        reading("model.stg_hr__employees"),
    ),
    "check_lineage_source_cannot_be_used": (
        "model.int_waivers",
        reading("source.hr.hr_headcount"),
    ),
    "check_lineage_seed_cannot_be_used": (
        "model.int_mapping_rules",
        reading("seed.mapping_rules"),
    ),
    "check_model_access": ("model.int_loads", {"access": "public"}),
    "check_model_contract_enforced_for_public_model": (
        "model.dim_employees",
        {"contract": {"enforced": False, "alias_types": True, "checksum": None}},
    ),
    "check_exposure_based_on_non_public_models": (
        "exposure.work_lists",
        reading("model.int_brids"),
    ),
    "check_model_max_number_of_lines": ("model.int_grants", {"raw_code": "select 1\n" * 121}),
    "check_model_has_semi_colon": ("model.int_mapping_cells", {"raw_code": "select 1;"}),
    "check_model_hard_coded_references": (
        "model.int_former_expectations",
        {"raw_code": "select brid from staging.stg_hr__employees"},
    ),
    "check_model_has_no_upstream_dependencies": (
        "model.int_brid_keys",
        {"depends_on": NO_NODES},
    ),
}

Bouncer = Callable[[Node], set[str]]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Parse the project into a separate folder."""
    target = tmp_path_factory.mktemp("target")
    # In a separate process: its settings of dbt must not affect later tests.
    check = (sys.executable, "scripts/check_yaml_keys.py", "--target-path", str(target))
    subprocess.run(check, cwd=ROOT, check=True)
    parsed: Node = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture
def bounce(tmp_path: Path) -> Bouncer:
    """Run dbt-bouncer on a manifest; return the checks that failed, as `check: node`."""

    def run(manifest: Node) -> set[str]:
        config = yaml.safe_load((ROOT / "dbt-bouncer.yml").read_text(encoding="utf-8"))
        config["dbt_artifacts_dir"] = str(tmp_path)
        (tmp_path / "dbt-bouncer.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        results = tmp_path / "results.json"
        program = str(Path(sys.executable).with_name("dbt-bouncer"))
        options = (
            "--config-file",
            str(tmp_path / "dbt-bouncer.yml"),
            "--output-file",
            str(results),
        )
        done = subprocess.run([program, "run", *options], capture_output=True, check=False)
        found = json.loads(results.read_text(encoding="utf-8"))
        failed = {row["check_run_id"] for row in found if row["outcome"] != "success"}
        assert done.returncode == (1 if failed else 0), done.stdout
        return {f"{run_id.split(':')[0]}: {run_id.split(':')[-1]}" for run_id in failed}

    return run


def test_the_project_keeps_its_conventions(bounce: Bouncer, manifest: Node) -> None:
    assert bounce(manifest) == set()


def test_each_planted_violation_is_found(bounce: Bouncer, manifest: Node) -> None:
    broken = copy.deepcopy(manifest)
    nodes = {**broken["nodes"], **broken["sources"], **broken["exposures"]}
    expected = set()
    for check, (name, values) in PLANTED.items():
        kind, _, rest = name.partition(".")
        node = nodes[f"{kind}.persona_access.{rest}"]
        node.update(values)
        expected.add(check)
    found = {failure.partition(":")[0] for failure in bounce(broken)}
    assert found >= expected, expected - found


def test_every_check_has_a_planted_violation() -> None:
    config = yaml.safe_load((ROOT / "dbt-bouncer.yml").read_text(encoding="utf-8"))
    assert {check["name"] for check in config["manifest_checks"]} == set(PLANTED)
