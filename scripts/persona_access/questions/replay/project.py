"""Create a dbt project with the same models and other seeds, in a scratch folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from persona_access.base.dbt import DbtProject
from persona_access.base.scratch import target_folder
from persona_access.base.settings import Settings

# Everything that dbt reads; seeds must be in the project's folder, because dbt refuses others.
_PARTS = (
    "dbt_project.yml",
    "profiles.yml",
    "packages.yml",
    "package-lock.yml",
    "dbt_packages",
    "macros",
    "models",
    "snapshots",
    "tests",
)
_PARSED = "partial_parse.msgpack"


def scratch_project(settings: Settings, folder: Path, original: Path) -> DbtProject:
    """Create the project below a folder; the warehouse of the settings is a copy of `original`.

    It reuses dbt's parse of the real project, so that dbt parses only changed files.
    """
    root = folder / "project"
    root.mkdir(exist_ok=True)
    for part in _PARTS:
        link = root / part
        link.unlink(missing_ok=True)
        if (settings.project_root / part).exists():
            link.symlink_to(settings.project_root / part)
    with suppress(FileNotFoundError):
        shutil.copyfile(target_folder(settings) / _PARSED, folder / _PARSED)
    flags = ("--target-path", str(folder), "--log-path", str(folder))
    return DbtProject(
        settings.model_copy(update={"project_root": root, "seeds": root / "seeds"}),
        flags,
        is_replay=True,
        original=original,
    )


def write_seeds(project: DbtProject, seeds: Mapping[str, str]) -> None:
    """Write exactly these seeds, text by file name, to a scratch project."""
    folder = project.settings.seeds
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in seeds.items():
        (folder / name).write_bytes(text.encode())
