"""Read the project's published marts with dbt, once for each state of the project.

dbt needs three seconds to read the project, and weeks do not change it. The result is stored
beside dbt's own parse, and is valid for the same files, code and target.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from persona_access.base.dbt import DbtProject
from persona_access.base.files import write_atomically
from persona_access.base.project_check import check_project
from persona_access.base.scratch import target_folder
from persona_access.base.settings import Settings
from persona_access.outputs.release.catalogue import (
    Declared,
    as_declared,
    glossary,
    published_marts,
)
from persona_access.outputs.release.reuse import code

# Files from which dbt reads the declarations of models.
_FOLDERS = ("models", "macros", "snapshots")
_FILES = ("dbt_project.yml", "profiles.yml", "packages.yml", "package-lock.yml")


def declared_marts(settings: Settings) -> Declared:
    """Return the published marts and the words of their vocabularies.

    Raises PersonaAccessError if dbt cannot read the project, and SettingsError if a declaration, a
    seed, a var or a YAML file is wrong.
    """
    state, kept = _state(settings), _kept(settings)
    # An unreadable file counts as missing.
    with suppress(OSError, ValueError, KeyError, TypeError):
        found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        if found["state"] == state:
            check_project(settings)
            return as_declared(found)
    manifest = DbtProject(settings).manifest
    declared = Declared(published_marts(manifest), glossary(manifest))
    with suppress(OSError):
        write_atomically(kept, json.dumps({"state": state, **asdict(declared)}))
    return declared


def _kept(settings: Settings) -> Path:
    return target_folder(settings) / "declared_marts.json"


def _state(settings: Settings) -> str:
    """Hash everything that determines the declarations."""
    digest = hashlib.sha256(code().encode())
    digest.update(settings.target.encode())
    for file in _files(settings):
        digest.update(f"{file.relative_to(settings.project_root)}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(settings: Settings) -> Iterator[Path]:
    root = settings.project_root
    for folder in _FOLDERS:
        yield from (file for file in sorted((root / folder).rglob("*")) if file.is_file())
    yield from (root / name for name in _FILES if (root / name).is_file())
