"""dbt reads the published marts once for each state of the project."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from persona_access.base.glossary import Word
from persona_access.base.settings import Settings
from persona_access.outputs.release import declared
from persona_access.outputs.release.catalogue import Column, Declared, Mart
from persona_access.outputs.release.declared import declared_marts

FOUND = Declared(
    {
        "dim_employees": Mart(
            name="dim_employees",
            description="One row per employee.",
            history="newest_week",
            audience={"managers": {"reports": "brid"}, "auditors": "all"},
            key=("brid",),
            columns={"brid": Column("brid", "string", "", "BRID", None, None, "identifier")},
        )
    },
    {"disposition": {"open": Word("It stands.", "Remove it.")}},
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Give a project of one model, and count how often dbt reads it."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/dim_employees.yml").write_text("models:\n", "utf-8")
    project = SimpleNamespace(project_root=tmp_path, target="dev", n_read=0)

    def read(_: Any) -> SimpleNamespace:
        project.n_read += 1
        (tmp_path / "target").mkdir(exist_ok=True)
        return SimpleNamespace(manifest=None)

    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    monkeypatch.setattr(declared, "DbtProject", read)
    monkeypatch.setattr(declared, "check_project", lambda _: None)
    monkeypatch.setattr(declared, "published_marts", lambda _: FOUND.marts)
    monkeypatch.setattr(declared, "glossary", lambda _: FOUND.glossary)
    return project


def ask(project: SimpleNamespace) -> Declared:
    return declared_marts(cast(Settings, project))


def test_a_project_that_did_not_change_is_read_once(project: SimpleNamespace) -> None:
    assert [ask(project) for _ in range(3)] == [FOUND] * 3
    assert project.n_read == 1


@pytest.mark.parametrize("change", ["file", "new file", "target", "settings", "damage"])
def test_whatever_changes_what_is_published_is_read(project: SimpleNamespace, change: str) -> None:
    ask(project)
    match change:
        case "file":
            (project.project_root / "models/dim_employees.yml").write_text("models: []\n", "utf-8")
        case "new file":
            (project.project_root / "models/words.md").write_text("{% docs w %}", "utf-8")
        case "target":
            project.target = "production"
        case "settings":
            (project.project_root / "dbt_project.yml").write_text("vars: {}\n", "utf-8")
        case "damage":
            kept = project.project_root / "target/declared_marts.json"
            kept.chmod(0o600)
            kept.write_text(kept.read_text("utf-8")[:-9], "utf-8")
    assert ask(project) == FOUND
    assert project.n_read == 2
    ask(project)
    assert project.n_read == 2
