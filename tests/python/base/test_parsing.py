"""dbt reads the project once for a warehouse and its copies."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dbt.contracts.graph.manifest import Manifest

from persona_access.base import dbt
from persona_access.base.dbt import DbtProject
from persona_access.base.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(dbt, "check_project", lambda _: None)
    monkeypatch.setattr(dbt, "write_optional_seeds", lambda _: None)
    return cast(
        "Settings", SimpleNamespace(warehouse=tmp_path / "warehouse.duckdb", project_root=tmp_path)
    )


@pytest.mark.parametrize("original", [None, Path("the/real/warehouse.duckdb")])
def test_a_copy_is_read_as_the_warehouse_that_it_copies(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, original: Path | None
) -> None:
    asked: list[tuple[Any, ...]] = []
    seed = SimpleNamespace(root_path="where dbt read it first")

    def run(_: DbtProject, *given: Any) -> SimpleNamespace:
        asked.append(given)
        found = Manifest(nodes=cast("Any", {"seed": seed}))
        return SimpleNamespace(success=True, exception=None, result=found)

    monkeypatch.setattr(DbtProject, "_run", run)
    project = DbtProject(settings, is_replay=True, original=original)
    assert project.manifest is project.manifest
    assert asked == [(None, None, ("parse",), original)]
    # Seeds are those of this project, not of the one that dbt read first.
    assert seed.root_path == str(settings.project_root)
