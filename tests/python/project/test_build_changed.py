"""A pull request builds changed models and their readers; it reads the rest from main's build."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from persona_access.base.files import sha256_of
from persona_access.base.warehouse import reading
from scenarios.project import ROOT, Project

SCRIPT = ROOT / "scripts" / "build_changed.sh"
# Only the trend of the weeks reads it, and no model closer to the sources.
CHANGED = "models/marts/access/fct_reconciliation_by_application.sql"


def build_changed(project: Path, state: Path) -> subprocess.CompletedProcess[str]:
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PERSONA_ACCESS_", "DBT_"))
    }
    bin_folder = Path(sys.executable).parent
    return subprocess.run(
        [SCRIPT, str(state)],
        cwd=project,
        env=ours | {"PATH": f"{bin_folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def state(built_bank: Project, tmp_path: Path) -> Path:
    """Lay out the artefacts of main in the way that the workflow downloads them."""
    state = tmp_path / "state"
    (state / "target").mkdir(parents=True)
    dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet", "parse", "--no-partial-parse"]
    environment = os.environ | built_bank._environment
    subprocess.run(
        [*dbt, "--target-path", str(state / "target")],
        cwd=built_bank.root,
        env=environment,
        check=True,
    )
    shutil.copytree(built_bank.settings.home, state / "data" / "demo")
    (state / "data" / "demo" / "warehouse.duckdb").chmod(0o444)
    return state


def test_only_what_changed_and_its_readers_are_built(
    built_bank: Project, state: Path, tmp_path: Path
) -> None:
    clone = built_bank.copy(tmp_path / "clone").root
    (clone / "models").unlink()
    shutil.copytree(ROOT / "models", clone / "models")
    model = clone / CHANGED
    model.write_text(model.read_text("utf-8") + "-- changed\n")
    main_warehouse = state / "data" / "demo" / "warehouse.duckdb"
    before = sha256_of(main_warehouse)

    done = build_changed(clone, state)

    assert done.returncode == 0, done.stdout
    nodes = json.loads((state / "target" / "manifest.json").read_text())["nodes"]
    children: dict[str, set[str]] = {}
    for name, node in nodes.items():
        for parent in node["depends_on"].get("nodes", []):
            children.setdefault(parent, set()).add(name)
    expected = {f"model.persona_access.{model.stem}"}
    found: set[str] = set()
    while expected - found:
        found |= expected
        expected |= {child for name in found for child in children.get(name, set())}
    results = json.loads((clone / "target" / "run_results.json").read_text())["results"]
    kinds = ("model", "seed", "snapshot", "test")
    ran = {name for result in results if (name := result["unique_id"]).startswith(kinds)}
    assert ran == expected
    assert 1 < len(ran) < len(nodes) / 10
    with reading(state / "changed.duckdb") as connection:
        models = connection.sql(
            "select table_name from information_schema.tables where table_schema = 'marts' "
            "and table_catalog = 'changed'"
        ).fetchall()
    assert (model.stem,) in models
    assert ("dim_employees",) not in models
    # Production's copy is only read.
    assert sha256_of(main_warehouse) == before


def test_a_state_that_is_not_whole_is_one_sentence(tmp_path: Path) -> None:
    done = build_changed(ROOT, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no target/manifest.json")
